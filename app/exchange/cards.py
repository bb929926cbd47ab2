"""What a post shows, put together from rows; addresses are made once, not for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import format_date
from flask_babel import gettext as _

from app.accounts.viewer import picture_url
from app.core.db import AnyRow, db
from app.core.money import format_amount
from app.exchange.queries import posts as queries


@dataclass(frozen=True)
class SkillLink:
    name: str
    url: str


@dataclass(frozen=True)
class PostCard:
    """`when` and `duration` are texts, "" for what was not said; `picture` is an address."""

    id: int
    url: str
    kind: str
    state: str
    title: str
    excerpt: str
    place: str
    when: str
    duration: str
    picture: str
    category: str
    created_at: datetime
    author_id: int
    author: str
    author_url: str
    author_picture: str
    skills: list[SkillLink] = field(default_factory=list)


def post_cards(rows: Sequence[AnyRow], *, signed_in: bool, skills: bool = True) -> list[PostCard]:
    """Cards of these rows of queries.posts, with their `skills`, which is one statement. Strangers see no place and no
    pictures."""
    here, people = url_for("posts.index"), url_for("directory.members")
    cards = {row.id: _card(row, f"{here}/{row.id}", f"{people}/{row.author_id}", signed_in) for row in rows}
    for row in db.session.execute(queries.skills_of(list(cards))) if cards and skills else ():
        cards[row.post_id].skills.append(SkillLink(row.name, f"{here}?skill={row.slug}"))
    return list(cards.values())


def days_text(starts_on: date | None, ends_on: date | None) -> str:
    """ "Sat, 3 Oct" or "3 Oct – 5 Oct", "" for no day."""
    if starts_on is None:
        return ""
    # Flask-Babel would move a bare date into the reader's zone, where it may be the day before.
    if ends_on is None or ends_on == starts_on:
        return format_date(starts_on, _("EEE, d MMM"), rebase=False)
    first, last = (format_date(day, _("d MMM"), rebase=False) for day in (starts_on, ends_on))
    return f"{first} – {last}"


def picture_of(row: Any, address: str) -> str:
    """The picture's id in its address makes a new picture a new address."""
    return f"{address}/picture/{row.picture_id}" if row.picture_id else ""


def _card(row: AnyRow, url: str, author_url: str, signed_in: bool) -> PostCard:
    return PostCard(
        id=row.id,
        url=url,
        kind=row.kind,
        state=row.state,
        title=row.title,
        excerpt=row.excerpt,
        place=row.place if signed_in else "",
        when=days_text(row.starts_on, row.ends_on),
        duration=format_amount(row.minutes) if row.minutes else "",
        picture=picture_of(row, url) if signed_in else "",
        category=row.category or "",
        created_at=row.created_at,
        author_id=row.author_id,
        author=row.name,
        author_url=author_url,
        author_picture=picture_url(row.author_id, row.author_picture_id) if signed_in else "",
    )
