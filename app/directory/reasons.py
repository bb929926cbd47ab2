"""Why two members fit, in sentences whose points sum to exactly the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.templating import language_name
from app.directory import scoring
from app.directory.filters import TEACH


@dataclass(frozen=True)
class Reason:
    icon: str
    text: str
    points: int


def reasons_for(row: Any, meetings: Sequence[Any]) -> list[Reason]:
    """`row` of queries.matches.mutual or one_way with its rows of queries.matches.meetings; the weightiest first.

    Both directions carry half of the base each, because the harmonic mean treats them alike; within a direction a
    skill carries its points' share.
    """
    shares = scoring.allot(row.base, skill_weights(meetings))
    skills = [_skill_reason(met, points) for met, points in zip(meetings, shares, strict=True)]
    return sorted(skills, key=lambda reason: -reason.points) + _bonus_reasons(row)


def skill_weights(meetings: Sequence[Any]) -> list[int]:
    """A skill's points times the other direction's sum, so that both directions weigh the same."""
    points = [scoring.skill_points(scoring.Meeting(met.offered, met.wanted, met.priority)) for met in meetings]
    sums: dict[str, int] = {}
    for met, value in zip(meetings, points, strict=True):
        sums[met.direction] = sums.get(met.direction, 0) + value
    whole = sum(sums.values())
    others = {direction: whole - value or 1 for direction, value in sums.items()}
    return [value * others[met.direction] for met, value in zip(meetings, points, strict=True)]


def _skill_reason(met: Any, points: int) -> Reason:
    """Without the name, which stands above: names differ in what one may shorten them to."""
    if met.direction == TEACH:
        return Reason("school", _("Offers %(skill)s, which you want", skill=met.name), points)
    return Reason("gift", _("Wants %(skill)s, which you offer", skill=met.name), points)


def _bonus_reasons(row: Any) -> list[Reason]:
    found: list[Reason] = []
    if row.shared_hours:
        hours = ngettext(
            "You are both free %(num)d hour a week", "You are both free %(num)d hours a week", row.shared_hours
        )
        found.append(Reason("clock", hours, min(scoring.HOURS_MOST, row.shared_hours)))
    if row.same_place:
        found.append(Reason("map-pin", _("You are both in %(place)s", place=row.location), scoring.PLACE_BONUS))
    if row.shared_language:
        spoken = _("You both speak %(language)s", language=language_name(row.shared_language))
        found.append(Reason("language", spoken, scoring.LANGUAGE_BONUS))
    if row.same_style:
        found.append(Reason("bulb", _style_text(row.same_style), scoring.STYLE_BONUS))
    return found


def _style_text(style: str) -> str:
    return {
        "talking": _("You both learn best by talking it through"),
        "watching": _("You both learn best by watching"),
        "doing": _("You both learn best by doing"),
        "reading": _("You both learn best by reading"),
    }[style]
