"""One's own list: adding, changing, pausing, removing, and everything that forms may hold that they should not."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.skills import operations
from app.skills.models import Skill, UserSkill
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
Named = Callable[[str], Skill]
Entries = Callable[..., dict[str, UserSkill]]
ENTRIES = "/settings/skills/entries"
USUAL = {"kind": "offer", "q": "Guitar", "level": "3", "note": "with patience"}


def send(client: CheckedClient, **fields: Any) -> TestResponse:
    sent = {**USUAL, **fields}
    return client.post(ENTRIES, data={name: value for name, value in sent.items() if value is not None})


def test_adding_a_skill(app: Flask, as_: As, world: World, skill_named: Named, entries_in: Entries) -> None:
    guitar = skill_named("Guitar").id
    answer = send(as_("carol"), kind="want", skill=str(guitar), level="2", priority="3")
    assert (answer.status_code, answer.location) == (303, "/settings/skills#want")
    entry = entries_in(world.carol, "want")["Guitar"]
    assert (entry.level, entry.priority, entry.note, entry.paused_at, entry.expires_at) == (
        2,
        3,
        "with patience",
        None,
        None,
    )
    page = as_("carol").get("/settings/skills").text
    assert "with patience" in page
    assert "Matters most" in page


def test_typing_any_spelling_is_enough(as_: As, world: World, entries_in: Entries) -> None:
    assert send(as_("carol"), q=" java SCRIPT ").status_code == 303
    assert "JavaScript" in entries_in(world.carol, "offer")


def test_an_unknown_skill_is_proposed_and_usable_at_once(as_: As, world: World, entries_in: Entries) -> None:
    assert send(as_("carol"), skill="new", q="Rocketry").status_code == 303
    assert "Rocketry" in entries_in(world.carol, "offer")
    assert "Proposed" in as_("carol").get("/settings/skills").text


def test_adding_twice_is_harmless(as_: As, world: World, entries_in: Entries) -> None:
    carol = as_("carol")
    assert [send(carol, level=level).status_code for level in ("2", "5")] == [303, 303]
    assert entries_in(world.carol, "offer")["Guitar"].level == 2
    assert "Guitar is on your list already." in carol.get("/settings/skills").text


def test_the_same_skill_may_be_offered_and_wanted(as_: As, world: World, entries_in: Entries) -> None:
    for kind in ("offer", "want"):
        assert send(as_("carol"), kind=kind).status_code == 303
    assert "Guitar" in entries_in(world.carol, "offer")
    assert "Guitar" in entries_in(world.carol, "want")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"level": None}, "Please choose one."),
        ({"level": ""}, "Please choose one."),
        ({"level": "0"}, "Not a valid choice."),
        ({"level": "6"}, "Not a valid choice."),
        ({"level": "-1"}, "Not a valid choice."),
        ({"level": "abc"}, "Not a valid choice."),
        ({"level": "3.5"}, "Not a valid choice."),
        ({"level": "\x00"}, "Not a valid choice."),
        ({"priority": "4"}, "Not a valid choice."),
        ({"priority": "high"}, "Not a valid choice."),
        ({"kind": None}, "Choose whether you offer or want it."),
        ({"kind": "admin"}, "Choose whether you offer or want it."),
        ({"kind": "offer\x00"}, "Choose whether you offer or want it."),
        ({"note": "x" * 201}, "At most 200 characters, please."),
        ({"note": "a\x00b"}, "a character in it that cannot be stored"),
        ({"q": "x" * 51}, "At most 50 characters, please."),
        ({"q": "Roc\x07ketry"}, "a character in it that cannot be stored"),
        ({"q": "Roc\u202eketry"}, "invisible character"),
        ({"q": "12345"}, "at least one letter"),
        ({"q": ""}, "Choose a skill."),
        ({"q": None}, "Choose a skill."),
        ({"skill": "999999"}, "not in the catalogue"),
        ({"skill": "99999999999999999999"}, "not in the catalogue"),
        ({"skill": "-1"}, "not in the catalogue"),
        ({"skill": "abc"}, "not in the catalogue"),
        ({"skill": "\x00"}, "not in the catalogue"),
        ({"until": "2026-02-30"}, "Not a valid date value."),
        ({"until": "2000-01-01"}, "That day is over."),
        ({"until": "9999-12-31"}, "very far away"),
        ({"until": "\x00tomorrow"}, "Not a valid date value."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    as_: As, world: World, entries_in: Entries, fields: dict[str, str | None], said: str
) -> None:
    answer = send(as_("carol"), **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Nothing was saved yet" in answer.text
    if "note" not in fields:
        assert 'value="with patience"' in answer.text
    assert set(entries_in(world.carol, "offer")) == {"Chess"}
    assert entries_in(world.carol, "want").keys() == {"Knitting"}
    assert db.session.scalars(select(Skill.name).where(Skill.state == "proposed")).all() == []


def test_typed_html_is_shown_as_text(as_: As) -> None:
    answer = send(as_("carol"), skill="new", q="<b>Rocketry</b>", note="<script>alert(1)</script>", level="6")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    send(as_("carol"), skill="new", q="<b>Rocketry</b>", note="<script>alert(1)</script>")
    page = as_("carol").get("/settings/skills").text
    assert "<script>alert" not in page
    assert "&lt;b&gt;Rocketry&lt;/b&gt;" in page


def test_a_skill_that_was_merged_meanwhile(as_: As, world: World, skill_named: Named, entries_in: Entries) -> None:
    old, new = skill_named("Sourdough bread").id, skill_named("Bread baking").id
    operations.merge(old, new)
    db.session.commit()
    answer = send(as_("carol"), skill=str(old), q="Sourdough bread")
    assert answer.status_code == 422
    assert "“Sourdough bread” is called “Bread baking” now." in answer.text
    assert re.search(rf'name="skill" value="{new}" checked', answer.text), "what it became is chosen already"
    assert send(as_("carol"), skill=str(new), q="Sourdough bread").status_code == 303
    assert "Bread baking" in entries_in(world.carol, "offer")


def test_there_is_room_for_fifty(as_: As, world: World, skill_named: Named, entries_in: Entries) -> None:
    fifty = db.session.scalars(select(Skill.id).where(Skill.name != "Chess").order_by(Skill.id).limit(49)).all()
    assert operations.add_several(world.carol, "offer", fifty) == 49
    db.session.commit()
    answer = send(as_("carol"), q="Zumba of the moon", skill="new")
    assert answer.status_code == 422
    assert "There is room for 50 skills here." in answer.text
    assert len(entries_in(world.carol, "offer")) == 50
    assert operations.resolve("Zumba of the moon") is None
    assert "This list is full" in as_("carol").get("/settings/skills").text
    assert send(as_("carol"), kind="want").status_code == 303


def test_many_at_once_do_not_pass_the_limit(app: Flask, world: World, entries_in: Entries) -> None:
    ids = db.session.scalars(select(Skill.id).where(Skill.name != "Chess").order_by(Skill.id).limit(56)).all()
    operations.add_several(world.carol, "offer", ids[:48])
    db.session.commit()
    start, refused = threading.Barrier(8), []

    def add(skill_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                operations.add(world.carol, "offer", skill_id, operations.Details(3))
                db.session.commit()
            except DomainError as error:
                refused.append(error.message)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=add, args=(skill_id,)) for skill_id in ids[48:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 7
    assert len(entries_in(world.carol, "offer")) == 50


def test_changing_an_entry(as_: As, world: World, skill_named: Named, entries_in: Entries) -> None:
    address = f"{ENTRIES}/want/{skill_named('Knitting').id}"
    page = as_("carol").get(address)
    assert page.status_code == 200
    last = date.today() + timedelta(days=30)  # noqa: DTZ011 the member's zone is UTC, and a month is far from midnight
    changed = {"level": "4", "priority": "1", "note": "socks", "until": last.isoformat()}
    answer = as_("carol").post(address, data=changed)
    assert (answer.status_code, answer.location) == (303, "/settings/skills#want")
    entry = entries_in(world.carol, "want")["Knitting"]
    assert (entry.level, entry.priority, entry.note) == (4, 1, "socks")
    assert entry.expires_at == datetime.combine(last + timedelta(days=1), datetime.min.time(), UTC)
    assert f'value="{last.isoformat()}"' in as_("carol").get(address).text


def test_the_last_day_is_one_of_the_members_own_zone(
    as_: As, world: World, skill_named: Named, entries_in: Entries
) -> None:
    db.session.execute(update(User).where(User.id == world.carol).values(timezone="Pacific/Auckland"))
    db.session.commit()
    address = f"{ENTRIES}/want/{skill_named('Knitting').id}"
    year = now().year + 1
    as_("carol").post(address, data={"level": "4", "until": f"{year}-07-01"})
    assert entries_in(world.carol, "want")["Knitting"].expires_at == datetime(year, 7, 1, 12, tzinfo=UTC)
    assert f'value="{year}-07-01"' in as_("carol").get(address).text


@pytest.mark.parametrize(
    "fields", [{"level": "0"}, {"level": None}, {"note": "x" * 201}, {"until": "soon"}, {"priority": "9"}]
)
def test_a_faulty_change_keeps_what_was_typed(
    as_: As, world: World, skill_named: Named, entries_in: Entries, fields: dict[str, str | None]
) -> None:
    sent = {"level": "2", "priority": "1", "note": "socks & hats", **fields}
    address = f"{ENTRIES}/want/{skill_named('Knitting').id}"
    answer = as_("carol").post(address, data={name: value for name, value in sent.items() if value is not None})
    assert answer.status_code == 422
    assert "note" in fields or "socks &amp; hats" in answer.text
    entry = entries_in(world.carol, "want")["Knitting"]
    assert (entry.level, entry.priority, entry.note) == (1, 2, "")


def test_nobody_sets_what_the_form_does_not_have(
    as_: As, world: World, skill_named: Named, entries_in: Entries
) -> None:
    everything = {
        "level": "2", "user_id": str(world.alice), "kind": "offer", "skill_id": "1", "paused_at": "2020-01-01",
        "created_at": "2020-01-01", "expires_at": "2020-01-01",
    }  # fmt: skip
    as_("carol").post(f"{ENTRIES}/want/{skill_named('Knitting').id}", data=everything)
    entry = entries_in(world.carol, "want")["Knitting"]
    assert (entry.user_id, entry.kind, entry.paused_at, entry.expires_at) == (world.carol, "want", None, None)
    assert entry.created_at.year > 2020
    send(as_("carol"), user_id=str(world.alice))
    assert "Guitar" not in entries_in(world.alice, "offer")


def test_pausing_and_resuming(as_: As, world: World, skill_named: Named, entries_in: Entries) -> None:
    address = f"{ENTRIES}/offer/{skill_named('Chess').id}"
    for _twice in range(2):
        assert as_("carol").post(f"{address}/pause").status_code == 303
        assert entries_in(world.carol, "offer")["Chess"].paused_at is not None
    assert "Resume Chess" in as_("carol").get("/settings/skills").text
    for _twice in range(2):
        assert as_("carol").post(f"{address}/resumption").status_code == 303
        assert entries_in(world.carol, "offer")["Chess"].paused_at is None


def test_removing_can_be_undone(as_: As, world: World, skill_named: Named, entries_in: Entries) -> None:
    chess, carol = skill_named("Chess").id, as_("carol")
    as_("carol").post(
        f"{ENTRIES}/offer/{chess}", data={"level": "5", "note": "no <clocks>", "until": f"{now().year + 1}-03-01"}
    )
    carol.post(f"{ENTRIES}/offer/{chess}/pause")
    before = entries_in(world.carol, "offer")["Chess"]
    kept = (before.level, before.priority, before.note, before.expires_at, before.paused_at is not None)
    db.session.expunge_all()
    assert carol.post(f"{ENTRIES}/offer/{chess}/removal").status_code == 303
    assert entries_in(world.carol, "offer") == {}
    page = carol.get("/settings/skills").text
    assert "Chess is removed." in page
    undo = page[page.index("Chess is removed.") :]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', undo[: undo.index("</form>")]))
    fields["note"] = fields["note"].replace("&lt;", "<").replace("&gt;", ">")
    assert carol.post(ENTRIES, data=fields).status_code == 303
    after = entries_in(world.carol, "offer")["Chess"]
    assert (after.level, after.priority, after.note, after.expires_at, after.paused_at is not None) == kept
    assert "Chess is removed." not in carol.get("/settings/skills").text


def test_what_had_ended_comes_back_paused(as_: As, world: World, skill_named: Named, entries_in: Entries) -> None:
    chess, carol = skill_named("Chess").id, as_("carol")
    db.session.execute(
        update(UserSkill).where(UserSkill.user_id == world.carol).values(expires_at=now() - timedelta(days=2))
    )
    db.session.commit()
    assert "Ended" in carol.get("/settings/skills").text
    carol.post(f"{ENTRIES}/offer/{chess}/removal")
    with carol.session_transaction() as session:
        fields = session["removed_skill"]
    assert carol.post(ENTRIES, data=fields).status_code == 303
    entry = entries_in(world.carol, "offer")["Chess"]
    assert (entry.expires_at, entry.paused_at is not None) == (None, True)


def test_removing_twice_is_harmless(as_: As, world: World, skill_named: Named) -> None:
    address = f"{ENTRIES}/offer/{skill_named('Chess').id}/removal"
    assert [as_("carol").post(address).status_code for _twice in range(2)] == [303, 303]


@pytest.mark.parametrize("way", ["", "/pause", "/resumption", "/removal"])
def test_a_strangers_row_is_out_of_reach(
    as_: As, world: World, skill_named: Named, entries_in: Entries, way: str
) -> None:
    address = f"{ENTRIES}/offer/{skill_named('Python').id}{way}"
    answer = as_("carol").post(address, data={"level": "1", "note": "mine now"})
    assert answer.status_code == (303 if way == "/removal" else 404)
    entry = entries_in(world.alice, "offer")["Python"]
    assert (entry.level, entry.note, entry.paused_at) == (4, "", None)


@pytest.mark.parametrize(
    "rest", ["offer/0", "offer/999999", "admin/1", "offer/9223372036854775808", "offer/-1", "offer/abc"]
)
def test_addresses_that_lead_nowhere(as_: As, rest: str) -> None:
    assert as_("carol").get(f"{ENTRIES}/{rest}").status_code == 404
    assert as_("carol").post(f"{ENTRIES}/{rest}/pause").status_code == 404


@pytest.mark.parametrize("rest", ["", "/offer/1/pause", "/offer/1/resumption", "/offer/1/removal"])
def test_changes_are_never_a_get(as_: As, rest: str) -> None:
    assert as_("carol").get(f"{ENTRIES}{rest}").status_code == 405


def test_strangers_sign_in_first(client: CheckedClient) -> None:
    assert client.get("/settings/skills").status_code == 303
    assert client.post(ENTRIES, data=USUAL).status_code == 401
