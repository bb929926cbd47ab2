"""A member's public page and picture. Strangers see names and skills where the community's directory is open."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import starmap
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.accounts import policy, queries, roster
from app.accounts.models import User
from app.accounts.viewer import me, picture_url, visit
from app.community.presets import MATCHES
from app.core.access import ask_to_sign_in, public
from app.core.clock import now
from app.core.db import AnyRow, db
from app.core.files import path_of
from app.core.models import StoredFile
from app.core.switches import is_on
from app.core.templating import language_name
from app.directory.fit import fit_with
from app.directory.panel import weekday_names
from app.directory.policy import can_browse
from app.directory.scoring import SCORE_MOST
from app.directory.week import DAY, local_week
from app.skills import queries as skill_queries
from app.skills.levels import LEVELS


@dataclass(frozen=True)
class Entry:
    """A skill as the page shows it; `slug` leads to others who have it."""

    name: str
    slug: str
    level: int
    level_name: str
    note: str


@dataclass(frozen=True)
class Day:
    """A weekday of the reader's with its free times, such as "18:00–20:30"."""

    name: str
    times: list[str]


def register(blueprint: Blueprint) -> None:
    blueprint.get("/members/<int:member_id>")(profile)
    blueprint.get("/members/<int:member_id>/picture/<int:picture_id>")(picture)


@public
def profile(member_id: int) -> ResponseReturnValue:
    if not can_browse(me, visit().community):
        return ask_to_sign_in()
    member = db.session.scalar(queries.member_for(me, member_id))
    if member is None:
        return redirect(url_for("home.profile", member_id=_became(member_id)), 302)
    entries = db.session.execute(skill_queries.skills_of([member.id])).all()
    shown = {
        "member": member,
        "offers": [_entry(row) for row in entries if row.kind == "offer"],
        "wants": [_entry(row) for row in entries if row.kind == "want"],
    }
    return render_template("home/profile.html", **shown, **(_for_members(member) if me.is_authenticated else {}))


def _became(member_id: int) -> int:
    """The member whom a double has become part of, as far as the viewer may see that one; 404 otherwise."""
    kept_id = db.session.scalar(roster.became(member_id)) or abort(404)
    kept = db.session.scalar(queries.member_for(me, kept_id))
    if kept is None or kept.id == member_id:
        abort(404)
    return kept.id


def picture(member_id: int, picture_id: int) -> Response:
    """The member's present picture; its id changes with it, so browsers may keep it for ever."""
    member = db.session.scalar(queries.member_for(me, member_id)) or abort(404)
    if member.picture_id != picture_id:
        abort(404)
    found = select(StoredFile.sha256, StoredFile.media_type).where(StoredFile.id == picture_id)
    sha256, media_type = db.session.execute(found).one()
    response = Response(path_of(sha256).read_bytes(), mimetype=media_type)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _for_members(member: User) -> dict[str, Any]:
    """What only members see of a member."""
    own = member.id == me.id
    slots = db.session.scalars(queries.slots_of(member.id)).all()
    week = local_week(slots, member.timezone, me.timezone, now())
    return {
        "own": own,
        "picture": picture_url(member.id, member.picture_id),
        "languages": ", ".join(map(language_name, db.session.scalars(queries.languages_of(member.id)))),
        "week": [Day(name, list(starmap(_stretch, day))) for name, day in zip(weekday_names(), week, strict=True)],
        "has_times": any(week),
        "fit": None if own or me.paused or not is_on(MATCHES) else fit_with(me, member.id),
        "most": SCORE_MOST,
        "can_block": policy.can_block(me, member.id),
        "shows_phone": policy.can_see_phone(me, member),
        "is_offline": member.email is None,
    }


def _entry(row: AnyRow) -> Entry:
    note = row.note if me.is_authenticated else ""
    return Entry(row.name, row.slug, row.level, str(LEVELS[row.level]), note)


def _stretch(starts: int, ends: int) -> str:
    return f"{_clock(starts)}–{_clock(ends)}"


def _clock(minute: int) -> str:
    """Minutes from midnight as 09:30; a day ends at 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}" if minute < DAY else "24:00"
