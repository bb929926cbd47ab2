"""The hours of a week: for each weekday up to three stretches, each from–until."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.accounts.availability import SLOTS_A_DAY, Slot
from app.accounts.forms.fields import MINUTES_A_DAY, ClockField, ZoneField
from app.core.forms import Form, chosen

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
WEEKDAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)


@dataclass(frozen=True)
class Stretch:
    starts: ClockField
    ends: ClockField

    @property
    def used(self) -> bool:
        return any(field.data is not None or field.errors for field in (self.starts, self.ends))


class WeekForm(Form):
    """Has fields `starts_<weekday>_<n>` and `ends_<weekday>_<n>`; 0 is Monday."""

    timezone = ZoneField(_l("Your time zone"), validators=[chosen()])

    def days(self) -> Iterator[tuple[Any, list[Stretch]]]:
        """Each weekday's name with its stretches."""
        return ((name, self._stretches(day)) for day, name in enumerate(WEEKDAYS))

    def slots(self) -> list[Slot]:
        """What was entered; only after the form was found valid."""
        return [slot for day in range(len(WEEKDAYS)) for slot in self._day_slots(day)]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        for day in range(len(WEEKDAYS)):
            for stretch in self._stretches(day):
                _check_order(stretch)
            self._check_overlap(day)
        return valid and not self.errors

    def _stretches(self, day: int) -> list[Stretch]:
        fields: dict[str, Any] = self._fields
        return [Stretch(fields[f"starts_{day}_{n}"], fields[f"ends_{day}_{n}"]) for n in range(SLOTS_A_DAY)]

    def _day_slots(self, day: int) -> list[Slot]:
        bounds = ((stretch.starts.minutes, _end(stretch)) for stretch in self._stretches(day))
        return [Slot(day, starts, ends) for starts, ends in bounds if starts is not None and ends is not None]

    def _check_overlap(self, day: int) -> None:
        taken: list[tuple[int, int]] = []
        for stretch in self._stretches(day):
            starts, ends = stretch.starts.minutes, _end(stretch)
            if starts is None or ends is None:
                continue
            if any(starts < other_ends and other_starts < ends for other_starts, other_ends in taken):
                _refuse(stretch.starts, _("This overlaps with another time of the day. Make one of them."))
            taken.append((starts, ends))


def filled(timezone: str, slots: Iterable[Any]) -> dict[str, Any]:
    """The form's data from stored slots (rows with weekday, starts, ends)."""
    data: dict[str, Any] = {"timezone": timezone}
    used = dict.fromkeys(range(len(WEEKDAYS)), 0)
    for slot in slots:
        number = used[slot.weekday]
        data[f"starts_{slot.weekday}_{number}"] = _clock(slot.starts)
        data[f"ends_{slot.weekday}_{number}"] = _clock(slot.ends)
        used[slot.weekday] += 1
    return data


def _check_order(stretch: Stretch) -> None:
    starts, ends = stretch.starts, stretch.ends
    if starts.errors or ends.errors:
        return
    if starts.minutes is not None and ends.data is None:
        _refuse(ends, _("Until when?"))
    elif starts.minutes is None and ends.data is not None:
        _refuse(starts, _("From when?"))
    elif starts.minutes is not None and (_end(stretch) or 0) <= starts.minutes:
        _refuse(ends, _("This is not after the beginning. A night ends at 00:00 and goes on the next day."))


def _end(stretch: Stretch) -> int | None:
    """Midnight at the end of the day is 1440."""
    minutes = stretch.ends.minutes
    return MINUTES_A_DAY if minutes == 0 else minutes


def _refuse(field: ClockField, message: str) -> None:
    field.errors = [*field.errors, message]


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


for _day, _name in enumerate(WEEKDAYS):
    for _number in range(SLOTS_A_DAY):
        setattr(WeekForm, f"starts_{_day}_{_number}", ClockField(_l("%(day)s from", day=_name)))
        setattr(WeekForm, f"ends_{_day}_{_number}", ClockField(_l("%(day)s until", day=_name)))
