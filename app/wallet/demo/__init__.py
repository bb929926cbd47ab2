"""The hours of the demo community: what everybody started with, a year of giving, two organisations and the pot."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from app.accounts.demo import people as everybody
from app.accounts.models import User
from app.community.operations import settings
from app.community.presets import HOURS, is_on
from app.core.clock import now
from app.core.db import db
from app.core.money import TIME
from app.core.registry import Happening
from app.skills.models import OFFER, Skill, UserSkill
from app.wallet import kinds, owners
from app.wallet.operations.founding import member_wallets
from app.wallet.operations.posting import FloorBroken, post
from app.wallet.operations.rules import START, Rules, change_rules, set_personal_limit
from app.wallet.operations.sharing import found, name_member, pot_wallet
from app.wallet.operations.wallets import wallet_for
from app.wallet.organisations import POT, Organisation, owner_of

RULES = Rules(starting_minutes=300, credit_limit=600)
SEED, SCOPE = 1871, "demo"
A_DAY = 24 * 60
# Those whose statement is written by hand.
BY_HAND = frozenset({"admin", "mod", "alice", "bob", "carol"})
# In days.
GIVINGS, LONGEST_AGO, LATEST_AGO = 130, 360, 2
MINUTES = (30, 60, 60, 60, 90, 90, 120, 120, 180)


class Moved(NamedTuple):
    """When it was, between whose wallets, how many minutes, what for, and who did it."""

    at: datetime
    from_id: int
    to_id: int
    minutes: int
    kind: str
    text: str
    actor_id: int | None
    key: str


def load(preset: str) -> list[Happening]:
    """Adds the wallets where the community counts hours, and gives what moved between them; the caller commits."""
    if not is_on(HOURS, preset, settings().switches):
        return []
    told: dict[str, Any] = tomllib.loads(Path(__file__).with_name("hours.toml").read_text())
    people = _members()
    change_rules(RULES, people["admin"].id)
    set_personal_limit(people["dorothy"].id, 1200, "Comes out of hospital in spring", people["mod"].id)
    shared = _organisations(told, people)
    own = member_wallets(user.id for user in people.values())
    moved = [*_starts(people, own), *_by_hand(told["hours"]["given"], people, own, shared), *_by_chance(people, own)]
    return [Happening(what.at, partial(_post, what)) for what in moved]


def _members() -> dict[str, User]:
    """Everybody who is in, by the keys of the demo community."""
    keys = {person.name: person.key for person in everybody()}
    known = select(User).where(User.approved_at.is_not(None), User.name.in_(keys))
    return {keys[user.name]: user for user in db.session.scalars(known.order_by(User.approved_at, User.id))}


def _organisations(told: dict[str, Any], people: dict[str, User]) -> dict[str, int]:
    """The wallets of the organisations and of the pot by their keys, with those who act named."""
    admin, wallets = people["admin"].id, {"pot": pot_wallet()}
    pot = db.session.scalars(select(Organisation).where(Organisation.kind == POT)).one()
    acting = [(pot, told["pot"]["acting"])]
    for row in told["organisations"]:
        organisation = found(row["name"], row["about"], admin)
        wallets[row["key"]] = wallet_for(kinds.ORGANISATION, owner_of(organisation.kind, organisation.id), TIME)
        acting.append((organisation, row["acting"]))
    for organisation, keys in acting:
        for key in keys:
            name_member(organisation, people[key].id, admin)
    return wallets


def _starts(people: dict[str, User], own: dict[int, int]) -> Iterator[Moved]:
    issue = wallet_for(kinds.ISSUE, owners.COMMUNITY, TIME)
    for user in people.values():
        joined = user.approved_at or user.created_at
        yield Moved(joined, issue, own[user.id], RULES.starting_minutes, kinds.GRANT, "", None, str(user.id))


def _by_hand(lines: list[str], people: dict[str, User], own: dict[int, int], shared: dict[str, int]) -> Iterator[Moved]:
    moment = now()
    for line in lines:
        head, _colon, text = line.partition(": ")
        who, *rest = head.split()
        actor = people[who]
        from_id = own[actor.id]
        if rest[0] == "for":
            from_id, rest = shared[rest[1]], rest[2:]
        to_id = shared.get(rest[0]) or own[people[rest[0]].id]
        at = _since(people, chain([who], rest[:1]), moment - timedelta(days=int(rest[2]), hours=3))
        yield Moved(at, from_id, to_id, int(rest[1]), kinds.GIFT, text, actor.id, line[:100])


def _by_chance(people: dict[str, User], own: dict[int, int]) -> Iterator[Moved]:
    """Members thank each other for what the other one offers; a fixed seed makes it the same every time."""
    chance, moment = random.Random(SEED), now()  # noqa: S311 nothing here is secret
    offers = select(UserSkill.user_id, Skill.name).join(Skill, Skill.id == UserSkill.skill_id)
    taught = db.session.execute(offers.where(UserSkill.kind == OFFER).order_by(UserSkill.user_id, Skill.name)).all()
    keys = {user.id: key for key, user in people.items() if key not in BY_HAND}
    lessons = [(keys[row.user_id], row.name) for row in taught if row.user_id in keys]
    for number in range(GIVINGS):
        (teacher, skill), learner = chance.choice(lessons), chance.choice(list(keys.values()))
        at = moment - timedelta(minutes=chance.randrange(LATEST_AGO * A_DAY, LONGEST_AGO * A_DAY))
        if learner != teacher and at == _since(people, (teacher, learner), at):
            giver = people[learner]
            wallets = (own[giver.id], own[people[teacher].id])
            yield Moved(at, *wallets, chance.choice(MINUTES), kinds.GIFT, skill, giver.id, f"chance-{number}")


def _since(people: dict[str, User], keys: Any, at: datetime) -> datetime:
    """`at`, or the day after the last of them has joined."""
    joined = [people[key].approved_at or at for key in keys if key in people]
    return max([at, *(moment + timedelta(days=1) for moment in joined)])


def _post(what: Moved) -> None:
    """Whoever has not enough at that time gives nothing."""
    legs = [(what.from_id, -what.minutes), (what.to_id, what.minutes)]
    scope = START if what.kind == kinds.GRANT else SCOPE
    with suppress(FloorBroken):
        post(legs, kind=what.kind, text=what.text, scope=scope, key=what.key, actor_id=what.actor_id)
