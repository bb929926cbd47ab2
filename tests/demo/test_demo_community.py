"""The demo community holds what people are promised who try Guildhall out, and the same on every loading."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.security import check_password_hash

from app.accounts import admissions, languages, names
from app.accounts import demo as accounts_demo
from app.accounts.availability import timezones
from app.accounts.models import AvailabilityHour, AvailabilitySlot, User, UserLanguage
from app.community import terms
from app.community.demo import COMMUNITIES
from app.community.operations import settings
from app.community.presets import PRESETS
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict
from app.core.registry import registry
from app.core.templating import initials
from app.directory.booklet import booklet
from app.home import demo as home_demo
from app.reports.queries import waiting_count as report_waiting
from app.skills import demo as skills_demo
from app.skills.models import OFFER, WANT, Skill, UserSkill
from app.skills.moderation import proposed_count
from tests.support.client import CheckedClient

MOMENT = "2026-03-12 15:00:00+00:00"
VARYING = {"id", "user_id", "skill_id", "password_hash"}
MOST_STATEMENTS = 6_000


def test_there_are_60_members_who_can_be_seen_one_takes_a_break_and_one_waits(demo: str) -> None:
    members = db.session.scalars(select(User)).all()

    assert len(members) == 61
    assert [member.name for member in members if not member.is_visible] == ["Nadia Petrova-Hughes"]
    assert [member.name for member in members if member.paused_at] == ["Dagny Solberg"]


@pytest.mark.parametrize("demo", PRESETS, indirect=True)
def test_each_preset_has_a_community_of_its_own(demo: str) -> None:
    row, shown = settings(), COMMUNITIES[demo]
    assert (row.preset, row.switches) == (demo, {})
    assert (row.name, row.place, row.colour, row.joining) == (shown.name, shown.place, shown.colour, shown.joining)
    for value in (shown.name, shown.place, shown.colour, shown.joining):
        assert value
    assert db.session.scalar(select(func.count()).select_from(User)) == 61


def test_no_two_communities_are_called_alike_or_look_alike() -> None:
    for part in ("name", "colour"):
        assert len({getattr(shown, part) for shown in COMMUNITIES.values()}) == len(PRESETS)


@pytest.mark.parametrize("demo", ["collective", "research"], indirect=True)
def test_colleagues_do_not_sound_like_neighbours(demo: str, client: CheckedClient) -> None:
    told = " ".join(db.session.scalars(select(User.bio)))
    assert "statistician" in told.lower()
    landing = client.get("/").text
    for word in ("time bank", "An hour is an hour", "neighbours", "repair café"):
        assert word not in told
        assert word not in landing


def test_some_have_no_address_and_some_speak_spanish(demo: str) -> None:
    offline = db.session.scalars(select(User).where(User.email.is_(None))).all()
    assert len(offline) == 3
    assert all(member.phone and not member.password_hash and member.in_print for member in offline)
    assert db.session.scalar(select(func.count()).where(User.locale == "es")) == 2


def test_the_coordinators_have_something_to_do(demo: str) -> None:
    """A newcomer, a wish, invitations in three states, a proposed skill and a report."""
    moderator = db.session.scalars(select(User.id).where(User.role == "moderator")).one()
    for count in (admissions.waiting_count, admissions.wishes_count, report_waiting, proposed_count):
        assert db.session.scalar(select(count(User.id.expression)).where(User.id == moderator)) == 1, count
    states = Counter(admissions.state_of(row, now()) for row in db.session.execute(admissions.invitations()))
    assert states == {"open": 2, "expired": 1}


def test_the_terms_stop_nobody(demo: str) -> None:
    version = db.session.scalars(terms.newest()).one()
    counted = db.session.execute(admissions.agreement_counts(version.id)).one()
    assert counted.agreed == counted.members == 60


def test_a_few_stand_on_paper(demo: str) -> None:
    printed = booklet()
    assert 10 <= printed.agreed <= 30
    assert len(printed.all_places) >= 4
    assert any(listed.member.phone for listed in printed.index)


@pytest.mark.parametrize(
    ("key", "role"),
    [("alice", "member"), ("bob", "member"), ("carol", "member"), ("mod", "moderator"), ("admin", "admin")],
)
def test_the_promised_accounts_have_the_promised_password(demo: str, key: str, role: str) -> None:
    member = db.session.scalars(select(User).where(User.email_key == f"{key}@example.org")).one()

    assert member.role == role
    assert check_password_hash(member.password_hash, "guildhall-demo")


def test_nobody_else_has_rights(demo: str) -> None:
    powerful = db.session.scalar(select(func.count()).select_from(User).where(User.role != "member"))
    assert powerful == 2


def test_alice_and_bob_fit_in_both_directions_and_have_time_together(demo: str) -> None:
    alice, bob = hands()["alice"], hands()["bob"]

    assert alice[WANT] & bob[OFFER] == {"Python", "Bicycle repair", "Guitar"}
    assert bob[WANT] & alice[OFFER] == {"French", "Bread baking", "Watercolour painting"}
    assert len(free_hours("alice") & free_hours("bob")) >= 3


def test_carol_fits_neither_alice_nor_bob_in_both_directions(demo: str) -> None:
    assert not mutual(hands())["carol"] & {"alice", "bob"}


def test_most_members_have_three_mutual_matches_some_none_and_the_newcomer_not_even_half_a_one(demo: str) -> None:
    everybody = hands()
    matches = mutual(everybody)

    assert sum(len(found) >= 3 for found in matches.values()) >= 45
    offline = {person.key for person in accounts_demo.people() if not person.email}
    assert {key for key, found in matches.items() if not found} == {"mai", "gwen", "robin", "nadia", *offline}
    assert teachers("mai", everybody)
    assert teachers("gwen", everybody)
    assert not teachers("robin", everybody)
    assert not any("robin" in teachers(key, everybody) for key in everybody)


def test_everybody_offers_and_wants_something(demo: str) -> None:
    for key, hand in hands().items():
        assert 2 <= len(hand[OFFER]) <= 6, key
        assert 2 <= len(hand[WANT]) <= 5, key
        assert not hand[OFFER] & hand[WANT], key


def test_every_note_stands_at_a_skill(demo: str) -> None:
    noted = db.session.scalar(select(func.count()).select_from(UserSkill).where(UserSkill.note != ""))
    assert noted == sum(len(hand.notes) for hand in skills_demo.casts()["neighbours"].values())


def test_a_skill_that_the_catalogue_does_not_know_is_refused(empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = skills_demo.Hand("Juggling 4, Stone skipping 5", "Puppetry 2")
    monkeypatch.setitem(skills_demo.casts()["neighbours"], "robin", odd)

    with pytest.raises(LookupError, match="Stone skipping"):
        home_demo.load()


def test_what_members_say_about_themselves_would_pass_the_forms(demo: str) -> None:
    for member in db.session.scalars(select(User)):
        names.require_good(member.name)
        assert 1 <= len(initials(member.name)) <= 2
        assert initials(member.name).isalpha()
        assert 40 <= len(member.bio) <= 300
        assert member.timezone in timezones()
    assert set(db.session.scalars(select(UserLanguage.language))) <= languages.codes()


def test_members_joined_and_were_here_before_now(demo: str) -> None:
    for member in db.session.scalars(select(User)):
        assert member.created_at <= (member.last_login_at or now()) <= now()
        assert bool(member.last_login_at) is bool(member.email)
        assert (now() - member.created_at).days < 550


def test_hours_follow_the_zone(demo: str) -> None:
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
    for part in registry().demo_parts.values():
        part("everything")
    db.session.rollback()

    assert db.session.scalar(select(func.count()).select_from(User)) == 0
    assert settings().name == "Guildhall"


def test_it_does_not_go_into_a_community_that_has_members(demo: str) -> None:
    with pytest.raises(Conflict):
        home_demo.load()


def test_an_unknown_preset_is_refused(app: Flask, empty: None) -> None:
    with pytest.raises(LookupError, match="circus"):
        home_demo.load("circus")
    refused = app.test_cli_runner().invoke(args=["demo", "load", "--preset", "circus"])
    assert refused.exit_code != 0
    assert "'circus' is not one of" in refused.output


def test_a_preset_is_loaded_from_the_command_line(app: Flask, empty: None) -> None:
    loaded = app.test_cli_runner().invoke(args=["demo", "load", "--preset", "collective"])
    assert loaded.exit_code == 0, loaded.output
    assert settings().name == "Lockside Collective"


def test_loading_is_quick(empty: None, statements: Any) -> None:
    """What somebody waits for at the first start. Seconds are no test beside other work: half a millisecond a statement
    makes three of them."""
    with statements() as sent:
        home_demo.load()
    assert len(sent) < MOST_STATEMENTS


def hands() -> dict[str, dict[str, set[str]]]:
    """Everybody's skills by kind, under their key."""
    keys = {person.name: person.key for person in accounts_demo.people()}
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: {OFFER: set(), WANT: set()})
    listed = (
        select(User.name, UserSkill.kind, Skill.name.label("skill"))
        .select_from(UserSkill)
        .join(User, User.id == UserSkill.user_id)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(Skill.state == "listed")
    )
    for name, kind, skill in db.session.execute(listed):
        found[keys[name]][kind].add(skill)
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
    for part in registry().demo_parts.values():
        part("everything")
    db.session.flush()
    return [plain(db.session.scalars(select(table))) for table in (User, UserLanguage, AvailabilitySlot, UserSkill)]


def plain(rows: Iterable[Any]) -> list[list[tuple[str, Any]]]:
    """The rows without keys and without the salted hash, in an order of their own."""
    columns = [[(c.key, getattr(row, c.key)) for c in row.__table__.columns if c.key not in VARYING] for row in rows]
    return sorted(columns, key=repr)
