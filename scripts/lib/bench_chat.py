"""From the insert of a row to the open page that hears of it, and how many pages one process holds."""

from __future__ import annotations

import select
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random

import psycopg2
from sqlalchemy import text

from app.core import audit, live
from app.core.db import db
from scripts.lib.live_site import PATIENCE, LiveSite, site
from scripts.lib.timing import Timing, timed

SAMPLES = 1_000
FEW, MANY = 500, 5_000
BURST = 10_000


def run(address: str, folder: Path) -> tuple[list[Timing], dict[str, float]]:
    """Timings in one server process on PostgreSQL at `address`, and what is counted beside them."""
    with site(address, folder, members=int(MANY * 1.05)) as pages:
        timings = [
            timed("SELECT 1", lambda _n: db.session.execute(text("SELECT 1")).all(), range(SAMPLES)),
            timed("insert and commit of a row", insert, range(SAMPLES)),
            Timing("bare NOTIFY until it is heard", bare_notify(address)),
        ]
        db.session.rollback()
        few = pages.open_pages(FEW)
        before = pages.memory()
        timings.append(Timing(f"insert until the page, {FEW} open", latencies(pages, few)))
        many = few + pages.open_pages(MANY - FEW)
        after = pages.memory()
        timings.append(Timing(f"insert until the page, {MANY:,} open", latencies(pages, many)))
        counted = {
            "pages open": float(MANY),
            "kB a page": (after - before) / 1024 / (MANY - FEW),
            **burst(pages, many),
            **broadcast(pages, many),
            "seconds to stop": pages.stop(),
        }
    return timings, counted


def insert(number: int) -> None:
    audit.record("measured", actor_id=None, subject_id=None, detail=str(number))
    db.session.commit()


def bare_notify(address: str) -> list[float]:
    """Milliseconds from NOTIFY to notice over two plain connections of one process: what the database needs."""
    speaking, listening = psycopg2.connect(address), psycopg2.connect(address)
    speaking.autocommit = listening.autocommit = True
    with speaking.cursor() as speak, listening.cursor() as listen:
        listen.execute("LISTEN measured")
        taken = []
        for _n in range(SAMPLES):
            began = time.perf_counter()
            speak.execute("NOTIFY measured")
            select.select([listening], [], [])
            listening.poll()
            taken.append((time.perf_counter() - began) * 1000)
    speaking.close()
    listening.close()
    return taken


def latencies(pages: LiveSite, members: list[int]) -> list[float]:
    """Milliseconds from the first statement of a change to the page that has read its event, one at a time."""
    heard = threading.Event()
    pages.hear = lambda _user_id, _topic: heard.set()
    random, taken = Random(1), []  # noqa: S311 nobody's secret
    for number in range(SAMPLES):
        heard.clear()
        began = time.perf_counter()
        audit.record("measured", actor_id=None, subject_id=None, detail=str(number))
        live.publish([random.choice(members)], f"chat-{number}", number)
        db.session.commit()
        if not heard.wait(PATIENCE):
            raise RuntimeError("an event was lost")
        taken.append((time.perf_counter() - began) * 1000)
        time.sleep(0.002)
    return taken


def burst(pages: LiveSite, members: list[int]) -> dict[str, float]:
    """Events as fast as one connection commits them, each to another topic: all of them must arrive."""
    heard: Counter[str] = Counter()
    pages.hear = lambda _user_id, topic: heard.update([topic])
    random, began = Random(2), time.perf_counter()  # noqa: S311 nobody's secret
    for number in range(BURST):
        live.publish([random.choice(members)], f"chat-{number}", number)
        db.session.commit()
    spent = time.perf_counter() - began
    deadline = time.monotonic() + PATIENCE
    while len(heard) < BURST and time.monotonic() < deadline:
        time.sleep(0.05)
    if heard != Counter(f"chat-{number}" for number in range(BURST)):
        raise RuntimeError(f"{BURST - len(heard)} of {BURST} events were lost, or some came twice")
    return {"events sent in a burst, all heard once": float(BURST), "events a second": BURST / spent}


def broadcast(pages: LiveSite, members: list[int]) -> dict[str, float]:
    """One event to everybody."""
    heard: set[int] = set()
    pages.hear = lambda user_id, _topic: heard.add(user_id)
    began = time.perf_counter()
    live.publish(members, "notices", 1)
    db.session.commit()
    deadline = time.monotonic() + PATIENCE
    while len(heard) < len(members) and time.monotonic() < deadline:
        time.sleep(0.001)
    if len(heard) < len(members):
        raise RuntimeError(f"{len(members) - len(heard)} pages did not hear what was for everybody")
    return {"ms until the last page heard an event for all": (time.perf_counter() - began) * 1000}
