"""The pages of chats and notices as members open them who have much, and members who have little.

Each page is opened in the application itself; the statements that it sends are measured one by one. Half of the readers
are those who have most: most chats, the longest ones, most notices. Each page is opened once before it is measured;
then every try counts.
"""

from __future__ import annotations

import gc
import logging
import re
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import exists, select, text

import config
from app.accounts.models import UserSession
from app.accounts.viewer import hash_token
from app.chats.models import Message
from app.core.db import db
from app.factory import create_app
from scripts.lib.statement_log import StatementLog, logged, short
from scripts.lib.synthetic import load
from scripts.lib.synthetic_chats import Size, populate_chats, words
from scripts.lib.timing import Timing

READERS = 40
TRIES = 4
FAR = 10  # pages down
LIMIT, SEARCH_LIMIT = 2.0, 5.0  # milliseconds, for 95 of 100 tries
NEXT = re.compile(r'rel="next" href="([^"]+)"')


@dataclass(frozen=True)
class Visit:
    """Somebody opens an address, or posts a form to it."""

    reader: FlaskClient
    address: str
    form: Callable[[], dict[str, Any]] | None = None

    def once(self) -> None:
        if self.form is None:
            answer = self.reader.get(self.address)
        else:
            answer = self.reader.post(self.address, data=self.form(), headers={"HX-Request": "true"})
        if answer.status_code != 200:
            raise RuntimeError(f"{self.address} answered {answer.status}")


@dataclass
class Measured:
    """A page's own time, how many statements it sent at most, and the time of each of them."""

    name: str
    whole: list[float] = field(default_factory=list)
    most: int = 0
    statements: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def timings(self) -> Iterator[Timing]:
        """The page, then its statements; two on the same table are told apart by a number."""
        yield Timing(self.name, self.whole)
        seen: dict[str, int] = defaultdict(int)
        limit = SEARCH_LIMIT if self.name.startswith("search") else LIMIT
        for statement, samples in self.statements.items():
            name = short(statement)
            seen[name] += 1
            yield Timing(f"  {name}{f' ({seen[name]})' if seen[name] > 1 else ''}", samples, limit)


def run(address: str, folder: Path, messages: int) -> tuple[list[Timing], dict[str, float]]:
    """Timings on the database at `address`, which is filled when it is empty; the first one is the round trip, the
    second one the bare page."""
    environment = {"SECRET_KEY": secrets.token_hex(24), "DATABASE_URL": address, "UPLOADS": str(folder / "uploads")}
    app = create_app(config.load(environment), WTF_CSRF_ENABLED=False)
    logging.getLogger().setLevel(logging.WARNING)  # a line for each page is not what is measured
    with app.app_context():
        upgrade()
        began = time.monotonic()
        if not db.session.scalar(select(exists(select(Message.id)))):
            populate_chats(Size(messages))
        spent, engine = time.monotonic() - began, db.engine
        members, talks = readers()
        counted = {"seconds to make it": spent, **contents()}
        sign_in(app, members | {talk.user_id for talk in talks})
        db.session.remove()
    # As the server does: no search for garbage goes through the code's own objects.
    gc.collect()
    gc.freeze()
    with logged(engine) as log:
        measured = [measure(log, name, visits) for name, visits in pages(app, sorted(members), talks)]
    trips = Timing("SELECT 1", round_trips(app))
    engine.dispose()
    timings = [trips, *(timing for page in measured for timing in page.timings())]
    counted |= {f"statements of: {page.name}": float(page.most) for page in measured}
    judged = [timing for timing in timings if timing.limit is not None]
    counted |= {"statements": float(len(judged)), "over their limit": float(sum(t.verdict != "kept" for t in judged))}
    return timings, counted


@dataclass(frozen=True)
class Talk:
    """A member's chat with so many lines."""

    user_id: int
    chat_id: int
    length: int


def readers() -> tuple[set[int], list[Talk]]:
    """Members to open lists, and chats to open: half those who have most, half anybody."""
    most = "SELECT user_id FROM chat_members GROUP BY 1 ORDER BY count(*) DESC LIMIT :half"
    anybody = "SELECT user_id FROM chat_members TABLESAMPLE SYSTEM (1) ORDER BY random() LIMIT :half"
    longest = "SELECT user_lo_id, id, last_seq FROM chats ORDER BY last_seq DESC LIMIT :half"
    any_chat = "SELECT user_lo_id, id, last_seq FROM chats TABLESAMPLE SYSTEM (1) ORDER BY random() LIMIT :half"
    db.session.execute(text("SET LOCAL statement_timeout = 0"))
    chosen = {"half": READERS // 2}
    members = {row.user_id for query in (most, anybody) for row in db.session.execute(text(query), chosen)}
    talks = [Talk(*row) for query in (longest, any_chat) for row in db.session.execute(text(query), chosen)]
    return members, talks


def contents() -> dict[str, float]:
    """How much there is, and how much the readers who have most have."""
    queries = {
        "members": "SELECT count(*) FROM users",
        "chats": "SELECT count(*) FROM chats",
        "messages": "SELECT count(*) FROM messages",
        "notices": "SELECT count(*) FROM notices",
        "most chats of a member": "SELECT max(n) FROM (SELECT count(*) n FROM chat_members GROUP BY user_id) t",
        "most lines of a chat": "SELECT max(last_seq) FROM chats",
        "most lines of a member": "SELECT max(n) FROM (SELECT sum(last_seq) n FROM chat_members GROUP BY user_id) t",
        "chats with one line, %": "SELECT 100.0 * count(*) FILTER (WHERE last_seq = 1) / count(*) FROM chats",
        "size of the database, MB": "SELECT pg_database_size(current_database()) / 1048576",
    }
    db.session.execute(text("SET LOCAL statement_timeout = 0"))
    return {name: float(db.session.execute(text(query)).scalar_one()) for name, query in queries.items()}


def sign_in(app: Flask, members: set[int]) -> None:
    moment = datetime.now(UTC)
    times = (moment, moment, moment + timedelta(days=1))
    columns = ("user_id", "token_hash", "created_at", "last_seen_at", "expires_at", "address", "device")
    load(UserSession, columns, ((n, hash_token(token_of(app, n)), *times, "", "") for n in sorted(members)))


def token_of(app: Flask, member_id: int) -> str:
    """Another one in each run."""
    return f"{app.config['SECRET_KEY']} {member_id}"


def client_of(app: Flask, member_id: int) -> FlaskClient:
    client = app.test_client()
    content = {"_user_id": token_of(app, member_id), "_fresh": True, "_permanent": True}
    cookie = app.session_interface.get_signing_serializer(app).dumps(content)  # type: ignore[attr-defined]
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie)
    return client


def pages(app: Flask, members: Sequence[int], talks: Sequence[Talk]) -> Iterator[tuple[str, list[Visit]]]:
    """Lazily: what a page changes is there for the ones behind it."""
    random, known = Random(3), words()  # noqa: S311 nobody's secret
    clients = [client_of(app, member) for member in members]
    threads = [(client_of(app, talk.user_id), f"/chats/{talk.chat_id}", talk.length) for talk in talks]

    def searches(rank: Callable[[], int], count: int = 1) -> list[Visit]:
        return [Visit(c, f"/chats?q={'+'.join(known[rank()] for _n in range(count))}") for c in clients]

    yield "a bare page: the number at the bell", [Visit(c, "/notices/bell") for c in clients]
    yield "chat list, first page", [Visit(c, "/chats") for c in clients]
    yield "chat list, far down", [Visit(c, far_down(c, "/chats")) for c in clients]
    yield "archived chats", [Visit(c, "/chats?archived=1") for c in clients]
    yield "archived chats, far down", [Visit(c, far_down(c, "/chats?archived=1")) for c in clients]
    yield "thread, newest lines", [Visit(c, chat) for c, chat, _n in threads]
    yield "thread, older lines", [Visit(c, f"{chat}?before={n // 2 + 1}") for c, chat, n in threads]
    yield "thread, around a line", [Visit(c, f"{chat}?at={n // 3 + 1}") for c, chat, n in threads]
    yield "what is new since a line", [Visit(c, f"{chat}/lines?after={n - 3}&change={n}") for c, chat, n in threads]
    yield (
        "what is new since long ago",
        [Visit(c, f"{chat}/lines?after={max(0, n - 300)}&change={max(0, n - 300)}") for c, chat, n in threads],
    )
    yield (
        "send a message",
        [Visit(c, f"{chat}/messages?after={n}&change={n}", lambda: message(random)) for c, chat, n in threads],
    )
    yield "search, a frequent word", searches(lambda: random.randrange(10))
    yield "search, a word now and then", searches(lambda: random.randrange(100, 1000))
    yield "search, a rare word", searches(lambda: random.randrange(10_000, 20_000))
    yield "search, two words", searches(lambda: random.randrange(50), 2)
    yield "search, nobody wrote it", [Visit(c, "/chats?q=xyzzy") for c in clients]
    yield "search, a rare word, far down", [Visit(c, far_down(c, f"/chats?q={known[15_000]}")) for c in clients]
    yield "search, a name", [Visit(c, f"/chats?q=member+{random.randrange(10, 100)}") for c in clients]
    yield "notices, first page", [Visit(c, "/notices") for c in clients]
    yield "notices, far down", [Visit(c, far_down(c, "/notices")) for c in clients]
    yield "what is new, without a stream", [Visit(c, "/live/state") for c in clients]


def message(random: Random) -> dict[str, Any]:
    return {"body": "A line more, as it is written all the time.", "client_token": f"{random.getrandbits(64):x}"}


def far_down(client: FlaskClient, address: str) -> str:
    """As far as there are pages, but no further than FAR."""
    for _n in range(FAR):
        found = NEXT.search(client.get(address).text)
        if found is None:
            break
        address = unescape(found[1])
    return address


def measure(log: StatementLog, name: str, visits: Sequence[Visit]) -> Measured:
    page = Measured(name)
    for visit in visits:
        visit.once()
        for _try in range(TRIES):
            log.noted.clear()
            began = time.perf_counter()
            visit.once()
            page.whole.append((time.perf_counter() - began) * 1000)
            page.most = max(page.most, len(log.noted))
            for statement, spent in log.noted:
                page.statements[statement].append(spent)
    return page


def round_trips(app: Flask) -> list[float]:
    """As the statements of the pages are measured: through the engine, with the answer."""
    with app.app_context(), logged(db.engine) as log:
        for _n in range(READERS * TRIES):
            db.session.execute(text("SELECT 1")).all()
        db.session.rollback()
        return [spent for _statement, spent in log.noted]
