"""The demo community holds what people are promised who try Guildhall out, and the same on every loading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from werkzeug.security import check_password_hash

from app.accounts import demo as accounts_demo
from app.accounts import languages, names
from app.accounts.availability import timezones
from app.accounts.models import AvailabilityHour, AvailabilitySlot, User, UserLanguage
from app.community.operations import settings
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict
from app.core.templating import initials
from app.home import demo as home_demo
from app.skills import demo as skills_demo
from app.skills.models import OFFER, WANT, Skill, UserSkill

MOMENT = "2026-03-12 15:00:00+00:00"
VARYING = {"id", "user_id", "skill_id", "password_hash"}


def test_there_are_34_members_who_can_be_seen_and_one_takes_a_break(demo: None) -> None:
    members = db.session.scalars(select(User)).all()

    assert len(members) == 34
    assert all(member.is_visible for member in members)
    assert [member.name for member in members if member.paused_at] == ["Dagny Solberg"]


def test_the_community_has_a_name_and_a_place(demo: None) -> None:
    assert (settings().name, settings().place) == ("Ottersford Skills Guild", "Ottersford on the Sallow")


@pytest.mark.parametrize(
    ("key", "role"),
    [("alice", "member"), ("bob", "member"), ("carol", "member"), ("mod", "moderator"), ("admin", "admin")],
)
def test_the_promised_accounts_have_the_promised_password(demo: None, key: str, role: str) -> None:
    member = db.session.scalars(select(User).where(User.email_key == f"{key}@example.org")).one()

    assert member.role == role
    assert check_password_hash(member.password_hash, "guildhall-demo")


def test_nobody_else_has_rights(demo: None) -> None:
    powerful = db.session.scalar(select(func.count()).select_from(User).where(User.role != "member"))
    assert powerful == 2


def test_alice_and_bob_fit_in_both_directions_and_have_time_together(demo: None) -> None:
    alice, bob = hands()["alice"], hands()["bob"]

    assert alice[WANT] & bob[OFFER] == {"Python", "Bicycle repair", "Guitar"}
    assert bob[WANT] & alice[OFFER] == {"French", "Bread baking", "Watercolour painting"}
    assert len(free_hours("alice") & free_hours("bob")) >= 3


def test_carol_fits_neither_alice_nor_bob_in_both_directions(demo: None) -> None:
    assert not mutual(hands())["carol"] & {"alice", "bob"}


def test_most_members_have_three_mutual_matches_some_none_and_the_newcomer_not_even_half_a_one(demo: None) -> None:
    everybody = hands()
    matches = mutual(everybody)

    assert sum(len(found) >= 3 for found in matches.values()) >= 28
    assert {key for key, found in matches.items() if not found} == {"mai", "gwen", "robin"}
    assert teachers("mai", everybody)
    assert teachers("gwen", everybody)
    assert not teachers("robin", everybody)
    assert not any("robin" in teachers(key, everybody) for key in everybody)


def test_everybody_offers_and_wants_something(demo: None) -> None:
    for key, hand in hands().items():
        assert 2 <= len(hand[OFFER]) <= 6, key
        assert 2 <= len(hand[WANT]) <= 5, key
        assert not hand[OFFER] & hand[WANT], key


def test_every_note_stands_at_a_skill(demo: None) -> None:
    noted = db.session.scalar(select(func.count()).select_from(UserSkill).where(UserSkill.note != ""))
    assert noted == len(skills_demo.NOTES)


def test_a_skill_that_the_catalogue_does_not_know_is_refused(empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts_demo.load()
    monkeypatch.setitem(skills_demo.HANDS, "robin", skills_demo.Hand("Juggling 4, Stone skipping 5", "Puppetry 2"))

    with pytest.raises(LookupError, match="Stone skipping"):
        skills_demo.load()


def test_what_members_say_about_themselves_would_pass_the_forms(demo: None) -> None:
    for member in db.session.scalars(select(User)):
        names.require_good(member.name)
        assert 1 <= len(initials(member.name)) <= 2
        assert initials(member.name).isalpha()
        assert 40 <= len(member.bio) <= 300
        assert member.timezone in timezones()
    assert set(db.session.scalars(select(UserLanguage.language))) <= languages.codes()


def test_members_joined_and_were_here_before_now(demo: None) -> None:
    for member in db.session.scalars(select(User)):
        assert member.last_login_at
        assert member.created_at <= member.last_login_at <= now()
        assert (now() - member.created_at).days < 550


def test_hours_follow_the_zone(demo: None) -> None:
    """Early on Tuesday and Thursday in Tokyo is the evening before in UTC; Japan has no summer time."""
    saturday = 5 * 24
    assert free_hours("yuki") == {20, 21, 22, 68, 69, 70, *range(saturday + 9, saturday + 13)}
    assert not free_hours("robin")


def test_one_moment_gives_the_same_rows_each_time(empty: None) -> None:
    with time_machine.travel(MOMENT, tick=False):
        first = loaded_rows()
        db.session.rollback()
        second = loaded_rows()

    assert first == second


def test_nothing_is_committed_by_the_parts(empty: None) -> None:
    accounts_demo.load()
    skills_demo.load()
    db.session.rollback()

    assert db.session.scalar(select(func.count()).select_from(User)) == 0
    assert settings().name == "Guildhall"


def test_it_does_not_go_into_a_community_that_has_members(demo: None) -> None:
    with pytest.raises(Conflict):
        home_demo.load()


def hands() -> dict[str, dict[str, set[str]]]:
    """Everybody's skills by kind, under the first part of the address."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: {OFFER: set(), WANT: set()})
    listed = (
        select(User.email_key, UserSkill.kind, Skill.name)
        .select_from(UserSkill)
        .join(User, User.id == UserSkill.user_id)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(Skill.state == "listed")
    )
    for email_key, kind, name in db.session.execute(listed):
        found[str(email_key).partition("@")[0]][kind].add(name)
    return dict(found)


def teachers(key: str, everybody: dict[str, dict[str, set[str]]]) -> set[str]:
    """Who offers something that `key` wants."""
    return {other for other, hand in everybody.items() if other != key and hand[OFFER] & everybody[key][WANT]}


def mutual(everybody: dict[str, dict[str, set[str]]]) -> dict[str, set[str]]:
    return {
        key: {other for other in teachers(key, everybody) if key in teachers(other, everybody)} for key in everybody
    }


def free_hours(key: str) -> set[int]:
    hours = select(AvailabilityHour.hour).join(User).where(User.email_key == f"{key}@example.org")
    return set(db.session.scalars(hours))


def loaded_rows() -> list[Any]:
    accounts_demo.load()
    skills_demo.load()
    db.session.flush()
    return [plain(db.session.scalars(select(table))) for table in (User, UserLanguage, AvailabilitySlot, UserSkill)]


def plain(rows: Iterable[Any]) -> list[list[tuple[str, Any]]]:
    """The rows without keys and without the salted hash, in an order of their own."""
    columns = [[(c.key, getattr(row, c.key)) for c in row.__table__.columns if c.key not in VARYING] for row in rows]
    return sorted(columns, key=repr)
