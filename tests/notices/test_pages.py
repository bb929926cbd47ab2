"""The pages: the bell, the list by day, marking read, how one wants to hear, and mail that has not left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select, update

from app.accounts.models import User
from app.community import presets
from app.community.models import CommunitySettings
from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from app.core.registry import registry
from app.home.exporting import archive_of
from app.notices import operations
from app.notices.kinds import ANNOUNCEMENT, NEWS
from app.notices.models import Notice, NoticePreference
from tests.architecture.test_templates import ROOT
from tests.notices.telling import SAID, ask, at_once, say, told
from tests.support.client import CheckedClient
from tests.support.live import pages, wait_for
from tests.support.notices import add_notice, add_unsent_mail, announce
from tests.world import World

As = Callable[[str], CheckedClient]


def test_the_bell_counts_conversations(kinds: Any, as_: As, world: World) -> None:
    assert "unread" not in as_("alice").get("/").text
    for n in range(3):
        say(world.alice, f"m{n}")
    ask(world.alice, "q1")
    assert "2 unread" in as_("alice").get("/").text
    assert "2 unread" in as_("alice").get("/notices/bell").text
    assert "unread" not in as_("bob").get("/").text


def test_lines_of_one_conversation_stand_together(kinds: Any, as_: As, world: World) -> None:
    for n in range(3):
        say(world.alice, f"m{n}")
    page = as_("alice").get("/notices").text
    assert page.count("Bob wrote to you") == 2  # the line, and the name of its button
    assert "and 2 before it" in page


def test_days_are_those_of_the_reader(as_: As, world: World) -> None:
    add_notice(world.alice, "now")
    add_notice(world.alice, "before", hours=24)
    page = as_("alice").get("/notices").text
    assert page.index("Today") < page.index("(now)") < page.index("Yesterday") < page.index("(before)")


def test_older_ones_are_on_the_next_page(as_: As, world: World) -> None:
    for n in range(30):
        add_notice(world.alice, f"n{n}", hours=n)
    first = as_("alice").get("/notices").text
    assert "(n23)" in first
    assert "(n24)" not in first
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = as_("alice").get(address).text
    assert "(n24)" in second
    assert "(n29)" in second
    assert "(n23)" not in second
    assert "hx-trigger" not in second.split('id="notices"')[1].split(">")[0], "only the first page follows"


def test_a_list_costs_two_statements(kinds: Any, as_: As, world: World, statements: Any) -> None:
    for n in range(20):
        say(world.alice, f"m{n}", chat_id=n)
    with statements() as seen:
        as_("alice").get("/notices")
    assert len(seen) == 2, seen


def test_marking_one_read(as_: As, world: World) -> None:
    notice = add_notice(world.alice)
    other = add_notice(world.alice, "other")
    assert as_("bob").post(f"/notices/{notice}/reading").status_code == 404
    assert as_("alice").post(f"/notices/{notice}/reading").status_code == 303
    assert [row.id for row in told(world.alice) if row.read_at is None] == [other]


def test_marking_all_read_leaves_what_came_since(as_: As, world: World) -> None:
    newest = add_notice(world.alice)
    later = add_notice(world.alice, "later")
    theirs = add_notice(world.bob)
    assert as_("alice").post("/notices/reading", data={"newest": newest}).status_code == 303
    unread = set(db.session.scalars(select(Notice.id).where(Notice.read_at.is_(None))))
    assert unread == {later, theirs}


@pytest.mark.parametrize("newest", ["", "-1", "x", "9" * 30])
def test_nonsense_marks_nothing(as_: As, world: World, newest: str) -> None:
    add_notice(world.alice)
    assert as_("alice").post("/notices/reading", data={"newest": newest}).status_code == 422
    assert told(world.alice)[0].read_at is None


def test_opening_leads_there_and_marks_it_read(as_: As, world: World) -> None:
    notice = add_notice(world.alice)
    answer = as_("alice").get(f"/notices/{notice}")
    assert (answer.status_code, answer.location) == (303, "/members")
    assert told(world.alice)[0].read_at is not None


def test_an_address_that_leads_elsewhere_is_not_followed(as_: As, world: World) -> None:
    notice = add_notice(world.alice, url="//evil.example/x")
    assert as_("alice").get(f"/notices/{notice}").location == "/notices"


def test_open_pages_hear_of_it(kinds: Any, as_: As, world: World) -> None:
    with pages(world.alice) as (page,):
        say(world.alice, "m1")
        wait_for(lambda: len(page.heard) == 1)
        as_("alice").get(f"/notices/{told(world.alice)[0].id}")
        wait_for(lambda: len(page.heard) == 2)
        assert {topic for topic, _seq in page.heard} == {"notices"}


def test_the_page_that_shows_it_is_left_alone(kinds: Any, world: World) -> None:
    operations.look_at(world.alice, 7)
    db.session.commit()
    with pages(world.alice) as (page,):
        say(world.alice, "m1")
        say(world.alice, "m2", chat_id=8)
        wait_for(lambda: page.heard)
        assert len(page.heard) == 1


def test_open_pages_hear_once_of_what_was_kept_back(kinds: Any, as_: As, world: World) -> None:
    operations.look_at(world.alice, 7)
    db.session.commit()
    with pages(world.alice) as (page,):
        say(world.alice, "m1")
        say(world.alice, "m2")
        assert operations.show_held() == 0
        with time_machine.travel(now() + timedelta(minutes=5), tick=True):
            assert (operations.show_held(), operations.show_held()) == (2, 0)
            wait_for(lambda: page.heard)
            assert "1 unread" in as_("alice").get("/notices/bell").text
        assert [topic for topic, _seq in page.heard] == ["notices"]


def test_two_ticks_at_once_show_it_once(app: Flask, kinds: Any, world: World) -> None:
    operations.look_at(world.alice, 7)
    db.session.commit()
    say(world.alice, "m1")
    with time_machine.travel(now() + timedelta(minutes=5), tick=True):
        assert at_once(app, *[operations.show_held] * 4) == {1: 1, 0: 3}


def test_what_was_read_or_shown_meanwhile_is_not_shown_again(kinds: Any, world: World) -> None:
    for chat_id, after in ((7, operations.read_chat), (8, operations.look_away)):
        operations.look_at(world.alice, chat_id)
        db.session.commit()
        say(world.alice, f"m{chat_id}", chat_id=chat_id)
        after(world.alice, chat_id)
        db.session.commit()
    with time_machine.travel(now() + timedelta(minutes=5), tick=True):
        assert operations.show_held() == 0


def test_what_belongs_to_a_feature_goes_with_it(as_: As, world: World) -> None:
    add_notice(world.alice, "chat", kind="message", params={"name": "Bob", "excerpt": "Shall we?"})
    assert "Bob wrote: Shall we?" in as_("alice").get("/notices").text
    db.session.execute(update(CommunitySettings).values(switches={presets.CHATS: False}))
    db.session.commit()
    page = as_("alice").get("/notices").text
    assert "Shall we?" not in page
    assert "unread" not in page
    assert "Messages" not in as_("alice").get("/settings/notices").text
    told_before = len(told(world.bob))
    assert not operations.tell(world.bob, "message", {"name": "A", "excerpt": "B"}, "/chats/1", "m9")
    assert len(told(world.bob)) == told_before


def test_preferences_are_kept_and_shown(as_: As, world: World) -> None:
    sent = {kind.name: kind.default for kind in registry().notice_kinds.values() if not kind.roles}
    sent |= {ANNOUNCEMENT: "digest", NEWS: "off"}
    assert as_("alice").post("/settings/notices", data=sent).status_code == 303
    kept = dict(db.session.execute(select(NoticePreference.kind, NoticePreference.channel)).all())
    assert kept == sent
    page = as_("alice").get("/settings/notices").text
    assert page.count("checked") == len(sent)


@pytest.mark.parametrize("channel", ["daily", "", "digest"])
def test_a_channel_that_a_kind_does_not_have_is_refused(as_: As, world: World, channel: str) -> None:
    sent = {kind.name: kind.default for kind in registry().notice_kinds.values()}
    assert as_("alice").post("/settings/notices", data={**sent, NEWS: channel}).status_code == 422
    assert db.session.scalars(select(NoticePreference)).all() == []


def test_icons_of_kinds_are_in_the_sprite(app: Flask) -> None:
    known = (ROOT / "static/vendor/icons.txt").read_text().split()
    assert {kind.icon for kind in registry().notice_kinds.values()} <= set(known)


def test_every_kind_of_mail_has_a_name_for_administrators(app: Flask) -> None:
    from app.admin.outbox import LABELS

    assert set(registry().mail_kinds) == set(LABELS)


def test_an_emptied_account_leaves_no_notices(kinds: Any, world: World) -> None:
    say(world.alice, "m1")
    operations.choose(world.alice, {SAID: "off"})
    operations.look_at(world.alice, 7)
    operations.forget_member(world.alice)
    db.session.commit()
    assert told(world.alice) == []
    assert operations.all_channels_of(world.alice)[SAID] == "mail"


def test_nobody_tells_an_emptied_account(kinds: Any, world: World) -> None:
    moment = now()
    emptied = {"email": None, "email_key": None, "closed_at": moment, "emptied_at": moment}
    db.session.execute(update(User).where(User.id == world.alice).values(**emptied))
    db.session.commit()
    assert not say(world.alice, "m1")


def test_the_export_holds_what_one_was_told(kinds: Any, world: World) -> None:
    say(world.alice, "m1")
    operations.choose(world.alice, {SAID: "digest"})
    exported = registry().exporters["notices"](world.alice)
    assert exported["notices"][0]["params"] == {"name": "Bob"}
    assert exported["preferences"] == {SAID: "digest"}
    assert archive_of(world.alice).getvalue()


def test_two_who_are_one_have_one_list(kinds: Any, world: World) -> None:
    say(world.alice, "m1")
    for key in ("m1", "m2"):
        say(world.bob, key)
    say(world.bob, "m3", chat_id=8)
    merger = registry().mergers["notices"]
    before = [(row.key, row.user_id) for user in (world.alice, world.bob) for row in told(user)]
    done = merger.merge(world.alice, world.bob)
    db.session.commit()
    assert [row.key for row in told(world.alice)] == ["m1", "m2", "m3"]
    merger.take_apart(world.alice, world.bob, done)
    db.session.commit()
    assert [(row.key, row.user_id) for user in (world.alice, world.bob) for row in told(user)] == before


class TestMailThatHasNotLeft:
    def test_it_shows_what_failed_and_nothing_of_what_it_says(self, as_: As, world: World) -> None:
        add_unsent_mail(world)
        page = as_("admin").get("/admin/mail").text
        assert "No such user here" in page
        assert "Password was changed" in page
        assert page.index("Failed") < page.index("tried once")
        assert "unique_key" not in page
        assert "/forgot-password" not in page.split('id="main"')[1]

    def test_the_number_beside_me_tells_administrators_only(self, as_: As, world: World) -> None:
        add_unsent_mail(world)
        assert "1 waiting" in as_("admin").get("/admin").text
        assert "1 waiting" not in as_("mod").get("/admin").text

    def test_one_is_tried_again(self, as_: As, world: World) -> None:
        add_unsent_mail(world)
        failed = db.session.scalars(select(OutboxMail.id).where(OutboxMail.state == "failed")).one()
        assert as_("mod").post(f"/admin/mail/{failed}/attempts").status_code == 404
        assert as_("admin").post(f"/admin/mail/{failed}/attempts").status_code == 303
        mail = db.session.get_one(OutboxMail, failed, populate_existing=True)
        assert (mail.state, mail.attempts) == ("waiting", 0)
        assert mail.next_try_at <= now()

    def test_all_that_failed_are_tried_again(self, as_: As, world: World) -> None:
        add_unsent_mail(world)
        as_("admin").post("/admin/mail/attempts")
        assert set(db.session.scalars(select(OutboxMail.state))) == {"waiting"}
        assert "Waiting: <strong>2</strong>" in as_("admin").get("/admin/mail").text

    def test_thousands_are_listed_by_pages(self, as_: As, world: World, statements: Any) -> None:
        rows = [
            {"user_id": world.bob, "kind": "notice", "unique_key": f"k{n}", "created_at": now() - timedelta(minutes=n)}
            for n in range(100)
        ]
        db.session.execute(insert(OutboxMail), rows)
        db.session.commit()
        with statements() as seen:
            page = as_("admin").get("/admin/mail").text
        assert len(seen) <= 3
        assert page.count("mail-row") == 24
        assert 'rel="next"' in page


def test_operators_try_again_from_the_command_line(app: Flask, world: World) -> None:
    add_unsent_mail(world)
    runner = app.test_cli_runner()
    assert "failed: 1\nwaiting: 1\nlast error: SMTPRecipientsRefused" in runner.invoke(args=["notices", "mail"]).output
    db.session.rollback()
    assert "1 mails are tried again" in runner.invoke(args=["notices", "retry"]).output


def test_an_announcement_is_opened_from_the_list(as_: As, world: World) -> None:
    announcement_id = announce(world.mod)
    notice = told(world.alice)[0]
    answer = as_("alice").get(f"/notices/{notice.id}")
    assert answer.location == f"/notices/announcements/{announcement_id}"
    assert "Summer gathering on Saturday" in as_("alice").get(answer.location or "").text
