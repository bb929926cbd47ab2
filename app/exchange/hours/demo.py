"""Recorded hours of the demo community: some are paid, some wait, one was declined and one taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from app.core.clock import now
from app.core.db import db
from app.core.registry import Happening
from app.exchange.demo import ids_by_key
from app.exchange.hours import answering, recording
from app.exchange.hours.plan import Help
from app.exchange.models import HourRecordPerson
from app.exchange.operations.hours import are_counted


@dataclass(frozen=True)
class Told:
    """`one` was helped by `others`, or helped them; `recorder` wrote it down so many days ago.

    An answer is "who verb words", a day later.
    """

    recorder: str
    one: str
    others: tuple[str, ...]
    minutes: int
    days: int
    note: str
    is_helper: bool = False
    answer: str = ""


TOLD = (
    Told("alice", "alice", ("viktor",), 75, 40, "New brake pads, and they no longer sing"),
    Told("grace", "grace", ("alice",), 60, 33, "Two loaves for the Sunday lunch"),
    Told("viktor", "viktor", ("alice",), 30, 26, "Pumped up four tyres", is_helper=True, answer="alice accepts"),
    Told("bob", "bob", ("alice", "carol"), 100, 19, "Carried the piano up to the second floor"),
    Told("mod", "carol", ("alice", "bob"), 120, 12, "An afternoon in the vegetable plot", is_helper=True),
    Told(
        "bob", "bob", ("alice",), 45, 9, "Set up the new telephone", is_helper=True,
        answer="alice declines We had called that a present, remember?",
    ),
    Told("alice", "alice", ("noor",), 600, 5, "Shopping", answer="alice takes-back One hour, not ten."),
    Told("alice", "alice", ("noor",), 60, 3, "Shopping"),
    Told("viktor", "viktor", ("alice",), 40, 2, "Straightened the back wheel", is_helper=True),
    Told("alice", "alice", ("bob",), 25, 1, "Restrung the guitar", is_helper=True),
)  # fmt: skip


def load(_preset: str) -> Iterator[Happening]:
    """Gives the records and their answers; who makes them happen commits."""
    if not are_counted():
        return
    ids, moment = ids_by_key(), now()
    for number, told in enumerate(TOLD):
        yield from _Record(told, ids, number).happened(moment)


@dataclass
class _Record:
    """`id` is known once it was written down."""

    told: Told
    ids: dict[str, int]
    number: int
    id: int = field(default=0, init=False)

    def happened(self, moment: datetime) -> Iterator[Happening]:
        written = moment - timedelta(days=self.told.days, hours=self.number)
        yield Happening(written, self.write_down)
        if self.told.answer:
            yield Happening(written + timedelta(days=1), self.answer)

    def write_down(self) -> None:
        told, ids = self.told, self.ids
        done_on = (now() - timedelta(days=1)).date()
        others = [ids[key] for key in told.others]
        given = Help(ids[told.one], others, told.is_helper, told.minutes, done_on, note=told.note)
        self.id = recording.record(ids[told.recorder], given, f"demo-hours-{self.number}", sharing="each").record_id

    def answer(self) -> None:
        who, verb, *words = self.told.answer.split(" ", 2)
        pair = db.session.scalars(select(HourRecordPerson).where(HourRecordPerson.record_id == self.id)).one()
        if verb == "accepts":
            answering.accept(self.ids[who], pair.id, pair.version)
        elif verb == "declines":
            answering.decline(self.ids[who], pair.id, pair.version, words[0])
        else:
            answering.take_back(self.ids[who], pair.id, pair.version, words[0])
