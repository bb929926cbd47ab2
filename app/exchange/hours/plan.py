"""What will be posted for help that somebody writes down; the preview and the recording ask the same function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, and_, select

from app.accounts.models import User
from app.accounts.queries import Looking, visible_to
from app.community.models import EACH
from app.core.clock import now
from app.core.db import AnyRow, AnySelect, db
from app.core.errors import DomainError
from app.core.money import format_amount
from app.exchange.hours.policy import is_coordinator
from app.skills.models import SkillCategory

MOST_MINUTES = 6000
MOST_PEOPLE = 20
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True)
class Help:
    """`one` helped all of `others`, or was helped by each of them (`is_helper` False). All of them are ids of members;
    `done_on` is a day of the recorder's own calendar."""

    one: int
    others: Sequence[int]
    is_helper: bool
    minutes: int
    done_on: date
    category_id: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Planned:
    """One pair and the minutes that pass from `helped` to `helper`.

    `is_paid` at once, otherwise it waits for `asked_id`, None for any coordinator.
    """

    helper_id: int
    helped_id: int
    minutes: int
    is_paid: bool
    asked_id: int | None
    helper: str
    helped: str


def planned(recorder: User, given: Help, sharing: str) -> list[Planned]:
    """Raises DomainError at the field at fault: "one", "others", "minutes", "done_on", "category"."""
    _require_sides(recorder, given)
    _require_time(recorder, given)
    people = require_people(recorder, given)
    parts = shares(given.minutes, len(given.others), sharing)
    if not all(parts):
        raise DomainError(_("That is too little to be shared among so many."), "minutes")
    return [_pair(recorder, given, people, other, part) for other, part in zip(given.others, parts, strict=True)]


def require_people(recorder: User, given: Help) -> dict[int, AnyRow]:
    """Everybody of `given` as of now, by id. Raises DomainError at "one" or "others" for who cannot be chosen."""
    people = {row.id: row for row in db.session.execute(people_for(recorder, [given.one, *given.others]))}
    _require_known(given, people)
    return people


def shares(minutes: int, count: int, sharing: str) -> list[int]:
    """The minutes of each: all of them, or shares in whole minutes that add up to all of them.

    By the method of the largest remainder; as all claims are equal, the first ones get the minutes that are left.
    """
    if sharing == EACH:
        return [minutes] * count
    share, left = divmod(minutes, count)
    return [share + (place < left) for place in range(count)]


def people_for(recorder: User, ids: Sequence[int]) -> AnySelect:
    """Those among `ids` with whom `recorder` may record something: id, name, email."""
    return select(User.id, User.name, User.email).where(User.id.in_(ids), is_recordable(recorder))


def is_recordable(recorder: Looking) -> ColumnElement[bool]:
    """Members see whom they see. Coordinators also record for those who were brought along and have not come yet, and
    a block that somebody has made does not stand between them and their books."""
    if is_coordinator(recorder):
        return and_(
            User.is_active.is_(True),
            User.approved_at.is_not(None),
            User.closed_at.is_(None),
            User.merged_into_id.is_(None),
        )
    return visible_to(recorder)


def _require_sides(recorder: User, given: Help) -> None:
    if not given.others:
        raise DomainError(_("Add the one who helped you or whom you helped."), "others")
    if given.one in given.others:
        raise DomainError(_("Nobody helps themselves: choose somebody else."), "others")
    if len(set(given.others)) < len(given.others):
        raise DomainError(_("Somebody stands there twice."), "others")
    if len(given.others) > MOST_PEOPLE:
        text = ngettext("At most %(num)d person at once.", "At most %(num)d people at once.", MOST_PEOPLE)
        raise DomainError(text, "others")
    if recorder.id != given.one and not is_coordinator(recorder):
        raise DomainError(_("You record help that you gave or got yourself. Coordinators record for others."), "one")


def _require_time(recorder: User, given: Help) -> None:
    if given.minutes <= 0:
        raise DomainError(_("How long did it take?"), "minutes")
    if given.minutes > MOST_MINUTES:
        raise DomainError(_("At most %(most)s at once.", most=format_amount(MOST_MINUTES)), "minutes")
    if given.done_on > today(recorder.timezone):
        raise DomainError(_("This day has not come yet: only help that was given is recorded."), "done_on")
    if given.done_on < EARLIEST:
        raise DomainError(_("That is too long ago. Is the year right?"), "done_on")
    known = select(SkillCategory.id).where(SkillCategory.id == given.category_id)
    if given.category_id is not None and db.session.scalar(known) is None:
        raise DomainError(_("Please choose one."), "category")


def today(timezone: str) -> date:
    """The day that it is in a member's zone."""
    return now().astimezone(ZoneInfo(timezone)).date()


def _require_known(given: Help, people: dict[int, AnyRow]) -> None:
    if given.one not in people:
        raise DomainError(_("This member cannot be chosen."), "one")
    missing = [other for other in given.others if other not in people]
    if missing:
        raise DomainError(_("Somebody of them cannot be chosen any more. Take them out and look again."), "others")


def _pair(recorder: User, given: Help, people: dict[int, AnyRow], other: int, minutes: int) -> Planned:
    helper, helped = (given.one, other) if given.is_helper else (other, given.one)
    is_paid = recorder.id == helped or (is_coordinator(recorder) and recorder.id != helper)
    offline = people[helped].email is None
    asked_id = None if is_paid or offline else helped
    return Planned(helper, helped, minutes, is_paid, asked_id, people[helper].name, people[helped].name)
