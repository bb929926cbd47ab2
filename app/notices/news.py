"""What was new in a week, as one member may see it: who joined, and what can be learnt or done now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.operations.mails import absolute
from app.accounts.queries import Looking, listed_for
from app.community import presets
from app.community.operations import settings
from app.core.db import AnySelect, db
from app.core.registry import NewsSource, registry
from app.skills.models import LISTED, OFFER, Skill, UserSkill
from app.skills.queries import is_current

WEEK = timedelta(days=7)
SHOWN = 8


@dataclass(frozen=True)
class Item:
    """A line of the news; `text` is what somebody wrote, letter by letter, `place` may wait for a language."""

    text: str
    place: Any
    url: str


@dataclass(frozen=True)
class Part:
    """What another package has to tell; its heading is made when the mail is drawn, in the receiver's language."""

    source: NewsSource
    count: int
    items: Sequence[Item]

    @property
    def heading(self) -> str:
        return self.source.heading(self.count)


@dataclass(frozen=True)
class News:
    """The first few of each; `members` and `skills` count them all."""

    members: int
    newcomers: Sequence[Item]
    skills: int
    offers: Sequence[Item]
    parts: Sequence[Part] = ()


def news_for(user_id: int, until: datetime) -> News | None:
    """What this member did not know a week before `until`; None when nothing is new."""
    viewer = SimpleNamespace(id=user_id)
    joined = db.session.execute(newcomers(viewer, until)).all()
    offered = db.session.execute(new_offers(viewer, until)).all()
    parts = list(_parts(user_id, until))
    if not joined and not offered and not parts:
        return None
    members, skills = absolute("directory.members"), absolute("skills.catalogue")
    return News(
        joined[0].all_of_them if joined else 0,
        [Item(row.name, row.location, f"{members}/{row.id}") for row in joined],
        offered[0].all_of_them if offered else 0,
        [Item(row.name, "", f"{skills}/{row.slug}") for row in offered],
        parts,
    )


def is_any(until: datetime) -> bool:
    """Whether there is news for anybody at all: asked once before every member is."""
    since = until - WEEK
    joined = select(User.id).where(User.is_visible, User.approved_at > since, User.approved_at <= until)
    offered = select(UserSkill.skill_id).where(
        UserSkill.kind == OFFER, UserSkill.created_at > since, UserSkill.created_at <= until
    )
    if any(db.session.scalar(found.limit(1)) is not None for found in (joined, offered)):
        return True
    return any(source.is_any(since, until) for source in _sources())


def _parts(user_id: int, until: datetime) -> Iterator[Part]:
    for source in _sources():
        count, items = source.told(user_id, until - WEEK, until)
        if count:
            yield Part(source, count, [Item(*item) for item in items])


def _sources() -> list[NewsSource]:
    """Those of features that are switched on."""
    community, switches = settings(), registry().switches
    return [
        source
        for source in registry().news_sources
        if source.feature not in switches or presets.is_on(source.feature, community.preset, community.switches)
    ]


def newcomers(viewer: Looking, until: datetime) -> AnySelect:
    """Members who joined, the latest first: id, name, location, all_of_them."""
    week = (User.approved_at > until - WEEK, User.approved_at <= until)
    return (
        select(User.id, User.name, User.location, func.count().over().label("all_of_them"))
        .where(listed_for(viewer), *week)
        .order_by(User.approved_at.desc(), User.id)
        .limit(SHOWN)
    )


def new_offers(viewer: Looking, until: datetime) -> AnySelect:
    """Skills that somebody else began to offer, those of most members first: name, slug, all_of_them."""
    week = (UserSkill.created_at > until - WEEK, UserSkill.created_at <= until)
    return (
        select(Skill.name, Skill.slug, func.count().over().label("all_of_them"))
        .join(UserSkill, UserSkill.skill_id == Skill.id)
        .join(User, User.id == UserSkill.user_id)
        .where(listed_for(viewer), UserSkill.kind == OFFER, is_current(until), Skill.state == LISTED, *week)
        .group_by(Skill.id, Skill.name, Skill.slug, Skill.name_key)
        .order_by(func.count().desc(), Skill.name_key)
        .limit(SHOWN)
    )
