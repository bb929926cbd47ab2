"""The printed directory: who stands in it, with what, and that it costs the same for few and for many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from app.accounts import operations
from app.accounts.models import User
from app.community import switching
from app.core.clock import now
from app.core.db import db
from app.directory.booklet import booklet
from app.skills.models import UserSkill
from app.skills.operations import propose
from tests.directory.people import skill_id
from tests.support.client import CheckedClient
from tests.support.paper import add_many, add_printed
from tests.world import World

SignedIn = Callable[[str], CheckedClient]


def test_nobody_is_printed_who_has_not_agreed(as_: SignedIn) -> None:
    text = as_("mod").get("/admin/print").text
    assert "Nobody on paper yet" in text
    assert "Alice Adeyemi" not in text


def test_who_agreed_stands_under_each_skill_and_by_name(as_: SignedIn, world: World) -> None:
    number = add_printed("Piet Paper", number=4711).number
    db.session.commit()
    text = as_("mod").get("/admin/print").text
    assert text.count("Piet Paper") == 3  # offers, looks for, and the index
    assert text.count(f">{number}<") == 3
    assert "Riverton" in text
    assert "Games &amp; hobbies" in text
    assert "Alice Adeyemi" not in text


def test_telephones_are_printed_where_members_may_see_them(as_: SignedIn) -> None:
    add_printed("Open Otto", phone="0171 111", phone_visibility="members")
    add_printed("Closed Clara", phone="0171 222", phone_visibility="coordinators")
    db.session.commit()
    text = as_("admin").get("/admin/print").text
    assert "0171 111" in text
    assert "Closed Clara" in text
    assert "0171 222" not in text


@pytest.mark.parametrize(
    "values",
    [
        {"approved_at": None},
        {"is_active": False},
        {"closed_at": "now"},
        {"paused_at": "now"},
        {"in_print": False},
        {"email": "x@example.org", "email_key": "x@example.org", "is_verified": False},
    ],
    ids=lambda values: next(iter(values)),
)
def test_who_is_not_there_for_members_is_not_on_paper(as_: SignedIn, values: dict[str, Any]) -> None:
    values = {key: now() if value == "now" else value for key, value in values.items()}
    add_printed("Hidden Hilda", **values)
    add_printed("Seen Selma")
    db.session.commit()
    text = as_("mod").get("/admin/print").text
    assert "Seen Selma" in text
    assert "Hidden Hilda" not in text


def test_a_block_of_the_coordinator_changes_nothing_on_paper(as_: SignedIn, world: World) -> None:
    operations.block(world.mod, add_printed("Blocked Bruno").id)
    db.session.commit()
    assert "Blocked Bruno" in as_("mod").get("/admin/print").text


def test_what_is_paused_or_only_proposed_is_not_on_paper(as_: SignedIn, world: World) -> None:
    member = add_printed("Paula Pause", offers="", wants="")
    proposed = propose(member.id, "Walking on stilts")
    for entry, paused in ((proposed.id, None), (skill_id("Chess"), now())):
        db.session.add(UserSkill(user_id=member.id, kind="offer", skill_id=entry, paused_at=paused))
    db.session.commit()
    text = as_("mod").get("/admin/print").text
    assert "Paula Pause" in text
    assert "Walking on stilts" not in text
    assert "Chess" not in text


def test_one_category_and_one_place(as_: SignedIn) -> None:
    add_printed("Riva Riverton", offers="Spanish", wants="")
    add_printed("Hilla Hill", offers="Chess", wants="", location="Hillford")
    db.session.commit()
    mod = as_("mod")
    assert "Hilla Hill" not in mod.get("/admin/print?category=languages").text
    assert "Riva Riverton" not in mod.get("/admin/print?place=hillford").text
    nobody = mod.get("/admin/print?category=languages&place=hillford").text
    assert "Nobody fits" in nobody
    assert "Everybody on paper" in nobody
    assert mod.get("/admin/print?category=%27%22%3E%3Cb%3E&place=none").status_code == 200


def test_as_many_statements_for_many_as_for_few(as_: SignedIn, statements: Callable[[], Any]) -> None:
    mod = as_("mod")
    mod.get("/admin")
    add_printed("First Fred")
    db.session.commit()
    with statements() as few:
        mod.get("/admin/print")
    add_many(60)
    with statements() as many:
        mod.get("/admin/print")
    assert len(few) == len(many) <= 4, many


def test_hostile_names_and_telephones_are_text(as_: SignedIn) -> None:
    member = add_printed("Plain Name", phone="<script>alert(1)</script>", phone_visibility="members")
    db.session.execute(update(User).where(User.id == member.id).values(name="<img src=x onerror=alert(1)>"))
    db.session.commit()
    text = as_("mod").get("/admin/print").text
    assert "<img src=x" not in text
    assert "<script>alert" not in text


def test_it_is_there_without_the_matches(as_: SignedIn) -> None:
    switching.decide({"matches": False})
    db.session.commit()
    assert as_("mod").get("/admin/print").status_code == 200


def test_who_has_no_skill_on_paper_stands_in_the_index_of_all_only(as_: SignedIn) -> None:
    add_printed("Nina Nothing", offers="", wants="")
    add_printed("Sofia Spanish", offers="Spanish", wants="")
    db.session.commit()
    assert [listed.member.name for listed in booklet().index] == ["Nina Nothing", "Sofia Spanish"]
    assert [listed.member.name for listed in booklet("languages").index] == ["Sofia Spanish"]


def test_the_index_does_not_send_accents_to_its_end(world: World) -> None:
    for name in ("Zara Z", "Émile E", "Anna A"):
        add_printed(name)
    assert [listed.member.name for listed in booklet().index] == ["Anna A", "Émile E", "Zara Z"]
