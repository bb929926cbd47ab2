"""The last of the first minutes: three people, each with a reason to write or to look."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import case, select

from app.accounts.models import User
from app.accounts.queries import Looking, listed_for
from app.accounts.viewer import Viewer, me, picture_url
from app.community.presets import MATCHES
from app.core.db import AnyRow, AnySelect, db
from app.core.switches import is_on
from app.directory.suggestions import best_matches
from app.skills.queries import skills_of

PEOPLE = 3
REASONS = 2


@dataclass(frozen=True)
class Person:
    """Somebody to meet; `reasons` are sentences."""

    id: int
    name: str
    url: str
    picture: str
    reasons: tuple[str, ...]


def register(blueprint: Blueprint) -> None:
    blueprint.get("/welcome")(arrival)


def arrival() -> ResponseReturnValue:
    return render_template("home/arrival.html", people=people_for(me))


def people_for(viewer: Viewer) -> list[Person]:
    """Those who fit best; where there are too few, members nearby and newcomers."""
    found = best_matches(viewer, PEOPLE) if is_on(MATCHES) else []
    people = [
        Person(card.id, card.name, card.url, card.picture, tuple(reason.text for reason in card.reasons[:REASONS]))
        for card in found
    ]
    if len(people) == PEOPLE:
        return people
    others = db.session.execute(neighbours(viewer, [person.id for person in people], PEOPLE - len(people))).all()
    offers: dict[int, str] = {}
    for entry in db.session.execute(skills_of([row.id for row in others])):
        if entry.kind == "offer":
            offers.setdefault(entry.user_id, entry.name)
    prefix = url_for("directory.members")
    return people + [
        Person(row.id, row.name, f"{prefix}/{row.id}", picture_url(row.id, row.picture_id), _reasons(row, offers))
        for row in others
    ]


def neighbours(viewer: Looking, known: list[int], limit: int) -> AnySelect:
    """Members beside the `known` ones: of the same place first, then those who joined last."""
    here = select(User.place_key).where(User.id == viewer.id).scalar_subquery()
    near = case((User.place_key == "", 0), (User.place_key == here, 1), else_=0)
    columns = (User.id, User.name, User.picture_id, User.location, near.label("near"))
    return (
        select(*columns)
        .where(listed_for(viewer), User.id.not_in(known))
        .order_by(near.desc(), User.created_at.desc(), User.id.desc())
        .limit(limit)
    )


def _reasons(row: AnyRow, offers: dict[int, str]) -> tuple[str, ...]:
    place = _("Lives in %(place)s, as you do", place=row.location) if row.near else _("Joined not long ago")
    helps = [_("Can help with %(skill)s", skill=offers[row.id])] if row.id in offers else []
    return (*helps, place)
