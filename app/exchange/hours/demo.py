"""Recorded hours of the demo community: some are paid, some wait, one was declined and one taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.core.clock import now, pretending
from app.core.db import db
from app.core.money import TIME
from app.exchange.demo import ids_by_key
from app.exchange.hours import answering, recording
from app.exchange.hours.plan import Help
from app.exchange.models import HourRecordPerson
from app.exchange.operations.hours import are_counted
from app.wallet import operations as wallet
from app.wallet.kinds import GRANT, ISSUE
from app.wallet.models import Wallet


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
    Told("alice", "alice", ("noor",), 60, 5, "Shopping"),
    Told("viktor", "viktor", ("alice",), 40, 2, "Straightened the back wheel", is_helper=True),
    Told("alice", "alice", ("bob",), 25, 1, "Restrung the guitar", is_helper=True),
)  # fmt: skip


def load(_preset: str) -> None:
    """Adds the records in the order in which they were written down; the caller commits."""
    if not are_counted():
        return
    ids, moment = ids_by_key(), now()
    for number, told in enumerate(TOLD):
        with pretending(moment - timedelta(days=told.days, hours=number)):
            record_id = _write_down(told, ids, number)
        if told.answer:
            with pretending(moment - timedelta(days=told.days - 1, hours=number)):
                _answer(record_id, told.answer, ids)


def _write_down(told: Told, ids: dict[str, int], number: int) -> int:
    others = [ids[key] for key in told.others]
    for payer in others if told.is_helper else [ids[told.one]]:
        _see_that_they_can(payer, told.minutes * len(others), number)
    done_on = (now() - timedelta(days=1)).date()
    given = Help(ids[told.one], others, told.is_helper, told.minutes, done_on, note=told.note)
    return recording.record(ids[told.recorder], given, f"demo-hours-{number}", sharing="each").record_id


def _see_that_they_can(user_id: int, minutes: int, number: int) -> None:
    mine = wallet.member_wallet(user_id)
    if db.session.scalars(select(Wallet.balance).where(Wallet.id == mine)).one() < minutes:
        source = wallet.wallet_for(ISSUE, "community", TIME)
        wallet.transfer(source, mine, 600, kind=GRANT, text="Welcome", scope="demo", key=f"hours:{number}:{user_id}")


def _answer(record_id: int, answer: str, ids: dict[str, int]) -> None:
    who, verb, *words = answer.split(" ", 2)
    pair = db.session.scalars(select(HourRecordPerson).where(HourRecordPerson.record_id == record_id)).one()
    if verb == "accepts":
        answering.accept(ids[who], pair.id, pair.version)
    elif verb == "declines":
        answering.decline(ids[who], pair.id, pair.version, words[0])
    else:
        answering.take_back(ids[who], pair.id, pair.version, words[0])
