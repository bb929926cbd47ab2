"""The first page of the matches, both ways and one way, as random members open it."""

from __future__ import annotations

import secrets
import tempfile
from random import Random
from types import SimpleNamespace

from flask_migrate import upgrade
from sqlalchemy import select, text

import config
from app.accounts.models import User
from app.core.clock import now
from app.core.db import db, intending
from app.core.paging import PAGE_SIZE
from app.directory.filters import LEARN, TEACH
from app.directory.queries import entries, matches
from app.factory import create_app
from scripts.lib.synthetic import populate
from scripts.lib.timing import Timing, timed

WARM_UP = 20


def run(address: str, members: int, viewers: int) -> list[Timing]:
    """Timings on a new database at `address`; the first one is the yardstick."""
    with tempfile.TemporaryDirectory() as uploads:
        environment = {"SECRET_KEY": secrets.token_hex(24), "DATABASE_URL": address, "UPLOADS": uploads}
        app = create_app(config.load(environment))
        with app.app_context():
            upgrade()
            populate(members)
            with intending("read"):
                timings = measure(members, viewers)
            db.session.remove()
            db.engine.dispose()
    return timings


def measure(members: int, count: int) -> list[Timing]:
    random = Random(1)  # noqa: S311 nobody's secret
    looking = db.session.scalars(select(User.id).where(User.is_visible, User.paused_at.is_(None))).all()
    viewers = [SimpleNamespace(id=number) for number in random.sample(looking, min(count + WARM_UP, len(looking)))]
    for viewer in viewers[:WARM_UP]:
        mutual(viewer)
    seen = viewers[WARM_UP:]
    return [
        timed("SELECT 1", lambda _viewer: db.session.execute(text("SELECT 1")).all(), seen),
        timed("mutual matches, first page", mutual, seen),
        timed("their reasons", reasons, [(viewer, mutual(viewer)) for viewer in seen]),
        timed("what would bring more", more, [viewer for viewer in seen if len(mutual(viewer)) <= PAGE_SIZE] or seen),
        timed("one way: they teach", lambda viewer: one_way(viewer, TEACH), seen),
        timed("one way: they learn", lambda viewer: one_way(viewer, LEARN), seen),
    ]


def mutual(viewer: SimpleNamespace) -> list[int]:
    return first_page(viewer, "")


def one_way(viewer: SimpleNamespace, direction: str) -> list[int]:
    return first_page(viewer, direction)


def reasons(shown: tuple[SimpleNamespace, list[int]]) -> None:
    viewer, ids = shown
    values = {**matches.values(viewer, now()), "member_ids": ids}
    db.session.execute(matches.meetings(TEACH, LEARN), values).all()


def more(viewer: SimpleNamespace) -> None:
    db.session.execute(entries.own_facts(unlocking=True), matches.values(viewer, now())).all()


def first_page(viewer: SimpleNamespace, direction: str) -> list[int]:
    """The ids on the page, by the statement that the page keeps."""
    statement = matches.first_page(matches.Shape(direction, best=PAGE_SIZE + 1, fair=True))
    return [row.id for row in db.session.execute(statement, matches.values(viewer, now())).all()]
