"""Requests and offers: who sees them, what an author can do with them, and how they come to an end."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import operations as accounts
from app.accounts.models import User
from app.chats import operations as chats
from app.chats.models import ChatMember
from app.community.models import CommunitySettings
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError, TooMany
from app.core.models import StoredFile
from app.core.registry import registry
from app.core.states import apply
from app.exchange.models import Post, PostEvent
from app.exchange.models.posts import CLOSED, FILLED, OPEN
from app.exchange.operations import posts as operations
from app.exchange.operations.posts import MOST_A_DAY, PostDetails
from app.exchange.states import POSTS
from app.notices.models import Notice
from app.notices.news import News, is_any, news_for
from app.reports.models import Report
from tests.exchange.posts import add_post, skill_id
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
STATES = (OPEN, FILLED, CLOSED)


def stored(post_id: int) -> Post:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Post, post_id)


def titles(page: str) -> list[str]:
    return re.findall(r'class="post-card-link"[^>]*>([^<]+)<', page)


def the_form(**values: Any) -> dict[str, Any]:
    return {"kind": "request", "title": "Carry a sofa", "category": "", "minutes": "60", **values}


def test_a_request_is_written_and_found(app: Flask, as_: As, world: World) -> None:
    data = the_form(text="Down **two** floors", skill="python", place="Riverton", starts_on=str(tomorrow()))
    answer = as_("alice").post("/posts/new", data=data)
    assert answer.status_code == 303
    page = as_("carol").get(answer.location).text
    assert "<strong>two</strong>" in page
    assert "I can help" in page
    listed = as_("carol").get("/posts").text
    assert titles(listed) == ["Carry a sofa"]
    assert "Python" in listed
    assert "1 h" in listed


def tomorrow() -> Any:
    return (now() + timedelta(days=1)).date()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("?kind=offer", 1),
        ("?kind=request", 1),
        ("?skill=python", 1),
        ("?q=sofa", 1),
        ("?q=SOFA riverton", 1),
        ("?q=spanish", 1),
        ("?q=%25", 0),
        ("?place=hillford", 1),
        ("?place=nowhere", 0),
        ("?category=languages", 1),
        ("?kind=nonsense", 2),
    ],
)
def test_filters(app: Flask, as_: As, world: World, query: str, found: int) -> None:
    add_post(world.alice, skills=["Python"])
    add_post(world.bob, "Tandem", kind="offer", skills=["Spanish"], place="Hillford", text="")
    assert len(titles(as_("carol").get(f"/posts{query}").text)) == found


def test_the_list_goes_on_for_pages(app: Flask, as_: As, world: World) -> None:
    details = [PostDetails("offer", f"Post {n}") for n in range(MOST_A_DAY)]
    for author in (world.alice, world.bob):
        for each in details:
            operations.publish(author, each)
    db.session.commit()
    carol, seen, url = as_("carol"), [], "/posts"
    while url:
        page = carol.get(url).text
        seen += re.findall(r'href="(/posts/\d+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 40


def test_a_list_takes_three_statements(app: Flask, as_: As, world: World, statements: Any) -> None:
    carol = as_("carol")
    for n in range(5):
        add_post(world.alice, f"Post {n}", skills=["Python", "Chess"])
    carol.get("/posts")
    with statements() as seen:
        carol.get("/posts")
    assert len([s for s in seen if s.startswith("SELECT")]) == 4, "one for the member, three for the page"


@pytest.mark.parametrize("away", ["blocks", "is blocked", "paused", "unapproved", "closed"])
def test_posts_of_some_do_not_exist(app: Flask, as_: As, world: World, away: str) -> None:
    post_id = add_post(world.alice, skills=["Python"])
    if away == "blocks":
        accounts.block(world.alice, world.carol)
    elif away == "is blocked":
        accounts.block(world.carol, world.alice)
    else:
        column = {"paused": "paused_at", "unapproved": "approved_at", "closed": "closed_at"}[away]
        value = None if away == "unapproved" else now()
        db.session.execute(update(User).where(User.id == world.alice).values({column: value}))
    db.session.commit()
    carol = as_("carol")
    assert titles(carol.get("/posts").text) == []
    assert carol.get(f"/posts/{post_id}").status_code == 404
    assert carol.post(f"/posts/{post_id}/answer").status_code == 404
    assert carol.get(f"/posts/{post_id}/report").status_code == 404
    assert "Carry a sofa" not in carol.get("/posts/print").text


def test_a_stranger_sees_posts_only_where_the_directory_is_open(
    app: Flask, client: CheckedClient, world: World
) -> None:
    post_id = add_post(world.alice)
    assert client.get("/posts").status_code == 303
    assert client.get(f"/posts/{post_id}").status_code == 303
    db.session.execute(update(CommunitySettings).values(public_directory=True))
    db.session.commit()
    page = client.get(f"/posts/{post_id}").text
    assert "Carry a sofa" in page
    assert "Riverton" not in page
    assert "Riverton" not in client.get("/posts").text
    assert titles(client.get("/posts?q=sofa").text) == ["Carry a sofa"]
    assert titles(client.get("/posts?q=riverton").text) == [], "nothing is found by what is not shown"
    assert titles(client.get("/posts?place=hillford").text) == ["Carry a sofa"]


def test_i_can_help_opens_the_chat_with_the_post_quoted(app: Flask, as_: As, world: World) -> None:
    post_id = add_post(world.alice)
    bob = as_("bob")
    for _twice in range(2):
        answer = bob.post(f"/posts/{post_id}/answer")
    chat_id = chats.open_between(world.alice, world.bob)
    assert answer.location == f"/chats/{chat_id}"
    draft = db.session.get_one(ChatMember, (chat_id, world.bob)).draft
    assert draft.count("“Carry a sofa”") == 1
    assert draft.count(f"/posts/{post_id}") == 1
    assert "I can help" in bob.get(answer.location).text
    assert as_("alice").post(f"/posts/{post_id}/answer").status_code == 403


def test_what_was_typed_in_the_chat_stays(app: Flask, as_: As, world: World) -> None:
    post_id = add_post(world.alice)
    chat_id = chats.open_between(world.alice, world.bob)
    chats.save_draft(world.bob, chat_id, "By the way")
    db.session.commit()
    as_("bob").post(f"/posts/{post_id}/answer")
    assert db.session.get_one(ChatMember, (chat_id, world.bob)).draft.startswith("By the way\n\n")


def test_a_request_suggests_who_fits(app: Flask, as_: As, world: World) -> None:
    post_id = add_post(world.bob, "Who explains lists?", skills=["Python"])
    page = as_("bob").get(f"/posts/{post_id}").text
    assert "Alice Adeyemi" in page
    assert "Offers Python, level 4 of 5" in page
    assert "Is in Riverton" in page
    assert "Carol Castillo" not in page
    assert "Who could help" not in as_("carol").get(f"/posts/{post_id}").text
    asked = as_("bob").post(f"/posts/{post_id}/asking/{world.alice}")
    assert asked.status_code == 303
    accounts.block(world.alice, world.bob)
    db.session.commit()
    assert "Alice Adeyemi" not in as_("bob").get(f"/posts/{post_id}").text
    assert as_("bob").post(f"/posts/{post_id}/asking/{world.alice}").status_code == 404


@pytest.mark.parametrize(("state", "action"), sorted(product(STATES, POSTS.actions)))
def test_what_is_not_in_the_table_is_refused(app: Flask, world: World, state: str, action: str) -> None:
    post_id = add_post(world.alice)
    db.session.execute(update(Post).values(state=state))
    db.session.commit()
    if POSTS.allows(state, action):
        assert apply(POSTS, post_id, action, actor_id=world.alice, version=1).state == POSTS.table[state, action]
        return
    with pytest.raises(Conflict):
        apply(POSTS, post_id, action, actor_id=world.alice, version=1)
    assert stored(post_id).state == state
    assert db.session.scalars(select(PostEvent)).all() == []


def test_its_life(app: Flask, as_: As, world: World) -> None:
    post_id = add_post(world.alice)
    alice = as_("alice")
    assert alice.post(f"/posts/{post_id}/fulfilment", data={"version": 1}).status_code == 303
    assert titles(as_("carol").get("/posts").text) == []
    assert "This is over" in as_("carol").get(f"/posts/{post_id}").text
    assert alice.post(f"/posts/{post_id}/fulfilment", data={"version": 2}).status_code == 409
    assert alice.post(f"/posts/{post_id}/reopening", data={"version": 2}).status_code == 303
    assert alice.post(f"/posts/{post_id}/closure", data={"version": 3}).status_code == 303
    events = db.session.scalars(select(PostEvent).order_by(PostEvent.id)).all()
    assert [event.action for event in events] == ["fill", "reopen", "close"]
    assert titles(alice.get("/posts/mine").text) == ["Carry a sofa"]


def test_closing_twice_at_once_happens_once(app: Flask, as_: As, world: World) -> None:
    post_id = add_post(world.alice)
    browsers, barrier, answers = [as_("alice") for _n in range(8)], threading.Barrier(8), []

    def send(browser: CheckedClient) -> None:
        barrier.wait()
        answers.append(browser.post(f"/posts/{post_id}/closure", data={"version": 1}).status_code)

    threads = [threading.Thread(target=send, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303] + [409] * 7
    assert stored(post_id).version == 2


@pytest.mark.parametrize("verb", ["edit", "fulfilment", "closure", "reopening"])
def test_only_the_author_changes_it(app: Flask, as_: As, world: World, verb: str) -> None:
    post_id = add_post(world.alice)
    for who in ("bob", "mod", "admin"):
        assert as_(who).post(f"/posts/{post_id}/{verb}", data={**the_form(), "version": "1"}).status_code == 403
    assert stored(post_id).version == 1


def test_an_edit_of_an_old_page_is_refused(app: Flask, as_: As, world: World) -> None:
    post_id = add_post(world.alice, skills=["Python"])
    alice = as_("alice")
    page = alice.get(f"/posts/{post_id}/edit").text
    assert 'value="Python"' in page
    first = alice.post(f"/posts/{post_id}/edit", data=the_form(version="1", title="Carry two sofas", skill="Chess"))
    assert first.status_code == 303
    second = alice.post(f"/posts/{post_id}/edit", data=the_form(version="1", title="Carry three sofas"))
    assert second.status_code == 409
    assert "Carry three sofas" in second.text
    assert stored(post_id).title == "Carry two sofas"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": ""}, "Please choose one."),
        ({"kind": "sale"}, "valid choice"),
        ({"title": ""}, "Say in a few words"),
        ({"title": "x" * 101}, "At most 100 characters"),
        ({"text": "x" * 4001}, "At most 4000 characters"),
        ({"minutes": "-5"}, "valid choice"),
        ({"category": "999999"}, "valid choice"),
        ({"skill": "Underwater basket wea"}, "We do not know"),
        ({"skill_2": "pyth"}, "Do you mean Python"),
        ({"starts_on": "2020-01-01"}, "That day is over."),
        ({"starts_on": "9999-12-31"}, "half a year"),
        ({"ends_on": "2030-01-01"}, "on which day it begins"),
        ({"starts_on": "2030-01-02", "ends_on": "2030-01-01"}, "before it begins"),
        ({"until": "2020-01-01"}, "That day is over."),
        ({"starts_on": "soon"}, "Not a valid date"),
    ],
)
def test_bad_input_is_said_at_its_field(app: Flask, as_: As, world: World, data: dict[str, str], said: str) -> None:
    answer = as_("alice").post("/posts/new", data=the_form(**data))
    assert answer.status_code == 422
    assert said in answer.text
    assert db.session.scalars(select(Post)).all() == []


def test_a_day_has_a_limit(app: Flask, as_: As, world: World) -> None:
    for n in range(MOST_A_DAY):
        operations.publish(world.alice, PostDetails("offer", f"Post {n}"))
    db.session.commit()
    with pytest.raises(TooMany):
        operations.publish(world.alice, PostDetails("offer", "One more"))
    db.session.rollback()
    assert as_("alice").post("/posts/new", data=the_form()).status_code == 429


def test_a_picture(app: Flask, as_: As, world: World) -> None:
    alice = as_("alice")
    answer = alice.post("/posts/new", data=the_form(picture=(a_picture(), "sofa.png")))
    page = as_("bob").get(answer.location).text
    address = re.search(r'src="(/posts/\d+/picture/\d+)"', page)
    assert address
    assert as_("bob").get(address[1]).mimetype == "image/webp"
    assert as_("bob").get(address[1] + "9").status_code == 404
    accounts.block(world.alice, world.bob)
    db.session.commit()
    assert as_("bob").get(address[1]).status_code == 404
    alice.post(f"{answer.location}/edit", data=the_form(version="1", drop_picture="y"))
    assert db.session.scalars(select(StoredFile).where(StoredFile.name == "picture.webp")).all() == []


def test_what_is_no_picture_is_refused(app: Flask, as_: As, world: World) -> None:
    answer = as_("alice").post("/posts/new", data=the_form(picture=(io.BytesIO(b"<svg/>"), "sofa.png")))
    assert answer.status_code == 422
    assert "not a JPEG" in answer.text
    assert "Carry a sofa" in answer.text


def a_picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (1800, 900), "#7a5230").save(out, "PNG")
    out.seek(0)
    return out


def test_posts_run_out_once(app: Flask, as_: As, world: World) -> None:
    post_id = add_post(world.alice)
    db.session.execute(update(Post).values(expires_at=now() - timedelta(minutes=1)))
    db.session.commit()
    assert titles(as_("bob").get("/posts").text) == []
    barrier, closed = threading.Barrier(2), []

    def tick() -> None:
        with app.app_context():
            barrier.wait()
            closed.append(operations.expire_posts())
            db.session.remove()

    threads = [threading.Thread(target=tick) for _n in range(2)]
    db.session.remove()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(closed) == [0, 1]
    assert stored(post_id).state == CLOSED
    (notice,) = db.session.scalars(select(Notice).where(Notice.user_id == world.alice)).all()
    assert notice.url == f"/posts/{post_id}"
    assert "has run out" in as_("alice").get("/notices").text


def test_the_database_keeps_the_rules(app: Flask, world: World) -> None:
    add_post(world.alice)
    for broken in ({"kind": "sale"}, {"minutes": 0}, {"title": ""}, {"state": "lost"}):
        with pytest.raises(IntegrityError):
            db.session.execute(update(Post).values(broken))
        db.session.rollback()
    with pytest.raises(DomainError):
        operations.publish(world.alice, PostDetails("request", "x", minutes=10**9))


def test_a_report_keeps_the_text(app: Flask, as_: As, world: World) -> None:
    post_id = add_post(world.alice)
    answer = as_("carol").post(f"/posts/{post_id}/report", data={"reason": "spam"})
    assert answer.status_code == 303
    (report,) = db.session.scalars(select(Report)).all()
    assert (report.subject_kind, report.subject_id, report.reported_id) == ("post", post_id, world.alice)
    assert "Carry a sofa" in dict(report.snapshot)["post"]
    assert "Carry a sofa" in as_("mod").get(f"/admin/reports/{report.id}").text
    assert as_("alice").get(f"/posts/{post_id}/report").status_code == 403


def test_an_emptied_account_leaves_no_words(app: Flask, world: World) -> None:
    add_post(world.alice)
    registry().closers["posts"](world.alice)
    db.session.commit()
    post = db.session.scalars(select(Post)).one()
    assert (post.state, post.title, post.text, post.words_key, post.place) == (CLOSED, "", "", "", "")


def test_a_switched_off_feature_has_no_addresses(app: Flask, as_: As, world: World) -> None:
    post_id = add_post(world.alice)
    db.session.execute(update(CommunitySettings).values(switches={"posts": False}))
    db.session.commit()
    bob = as_("bob")
    for path in ("/posts", f"/posts/{post_id}", "/posts/new", "/posts/mine", "/posts/print"):
        assert bob.get(path).status_code == 404
    assert "Requests and offers" not in bob.get("/members").text


def test_double_members_become_one_author(app: Flask, world: World) -> None:
    post_id = add_post(world.bob)
    merger = registry().mergers["posts"]
    done = merger.merge(world.alice, world.bob)
    assert db.session.get_one(Post, post_id).author_id == world.alice
    merger.take_apart(world.alice, world.bob, done)
    db.session.expire_all()
    assert db.session.get_one(Post, post_id).author_id == world.bob


def test_the_export_holds_them(app: Flask, world: World) -> None:
    add_post(world.alice, skills=["Python"])
    (exported,) = registry().exporters["posts"](world.alice)["posts"]
    assert (exported["title"], exported["skills"]) == ("Carry a sofa", ["Python"])
    assert skill_id("Python")


def test_the_news_of_the_week_tell_of_them(app: Flask, world: World) -> None:
    add_post(world.alice)
    until = now() + timedelta(seconds=1)
    assert is_any(until)
    (part,) = news(world.bob, until).parts
    assert part.heading == "1 new request or offer:"
    assert [(item.text, str(item.place)) for item in part.items] == [("Carry a sofa", "needed, Riverton")]
    assert part.items[0].url.endswith("/posts/1")
    assert not news(world.alice, until).parts
    accounts.block(world.alice, world.bob)
    assert not news(world.bob, until).parts


def news(user_id: int, until: Any) -> News:
    """There are always newcomers in a new world."""
    found = news_for(user_id, until)
    assert found
    return found
