"""Pages with lists ask the database the same few questions, whatever the number of members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.accounts.models import AvailabilityHour, AvailabilitySlot, User, UserLanguage
from app.core.clock import now
from app.core.db import db
from app.skills.models import Skill, UserSkill
from tests.support.client import CheckedClient
from tests.support.pages import Places
from tests.world import World

FEW, MANY = 5, 60
VIEWER = 1
# Statements beside the one that says who is looking.
PAGES = {
    "/": 5,
    "/members": 3,
    "/members?q=extra&category=languages&language=en&weekday=0&part=evening&place=riverton&level=2": 3,
    "/members?sort=name&kind=want": 3,
    "/members/{bob}": 6,  # one page about one member, each part of it once
    "/matches": 3,
    "/matches?weekday=0&place=mine": 3,
    "/matches/one-way": 3,
    "/matches/one-way?direction=learn": 3,
    "/skills": 3,
    "/skills?q=span": 3,
    "/skills/python": 3,
    "/skills/python?kind=want": 3,
    "/skills/suggestions?kind=offer&q=s": 3,
    "/settings/skills": 3,
    "/settings/skills?kind=want&q=s": 3,
    "/settings": 3,
    "/settings/profile": 3,
    "/settings/sessions": 3,
    "/settings/privacy": 3,
    "/posts": 3,
    "/posts?q=sofa&kind=request&place=riverton&category=languages": 3,
    "/exchanges": 2,
    "/exchanges?over=1": 2,
    "/notices": 1,
    "/notices/bell": 0,
    "/settings/notices": 1,
}


@pytest.mark.parametrize("path", PAGES)
def test_the_number_does_not_grow(
    as_: Callable[[str], CheckedClient], places: Places, statements: Callable[[], Any], path: str
) -> None:
    counted = []
    address = path.format(**places)
    browser = as_("alice")
    for more in (FEW, MANY - FEW):
        add_members(more)
        with statements() as seen:
            assert browser.get(address).status_code == 200
        counted.append(list(seen))
    few, many = counted
    assert len(few) == len(many), many
    assert len(many) <= VIEWER + PAGES[path], many
    assert sum("user_sessions" in statement for statement in many) == VIEWER + (path == "/settings/sessions")


def test_a_public_page_asks_as_little(client: CheckedClient, world: World, statements: Callable[[], Any]) -> None:
    add_members(MANY)
    with statements() as seen:
        client.get("/")
    assert len(seen) <= VIEWER + 2, seen


def add_members(count: int) -> None:
    """Members who offer Spanish and want Python, speak English and have time on Monday evenings: all fit Alice."""
    start = db.session.scalars(select(User.id).order_by(User.id.desc()).limit(1)).one() + 1
    ids = range(start, start + count)
    skills = dict(db.session.execute(select(Skill.slug, Skill.id).where(Skill.slug.in_(("spanish", "python")))).all())
    insert_all(User, [member(number) for number in ids])
    entries = (("offer", skills["spanish"]), ("want", skills["python"]))
    held = [{"user_id": each, "kind": kind, "skill_id": skill} for each in ids for kind, skill in entries]
    insert_all(UserSkill, [{**row, "level": 4, "priority": 2} for row in held])
    insert_all(UserLanguage, [{"user_id": each, "language": "en"} for each in ids])
    insert_all(AvailabilitySlot, [{"user_id": each, "weekday": 0, "starts": 1080, "ends": 1200} for each in ids])
    insert_all(AvailabilityHour, [{"user_id": each, "hour": hour} for each in ids for hour in (18, 19)])
    db.session.commit()
    db.session.remove()


def insert_all(model: type[Any], rows: list[dict[str, Any]]) -> None:
    db.session.execute(insert(model), rows)


def member(number: int) -> dict[str, Any]:
    place = {"location": "Riverton", "place_key": "riverton"}
    return {"id": number, "name": f"Extra {number}", "name_key": f"extra {number}", "approved_at": now(), **place}
