"""Writers on SQLite queue: first come, first served, and nobody keeps the turn."""

from __future__ import annotations

import threading
import time

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.core import turns
from app.core.db import db, dialect_name, intending
from app.core.turns import Turns

WRITERS = 6


def test_who_comes_first_is_served_first() -> None:
    queue, served = Turns(), list[int]()
    queue.take()

    def work(number: int) -> None:
        queue.take()
        served.append(number)
        queue.pass_on()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    queue.pass_on()
    for thread in threads:
        thread.join()
    assert served == list(range(WRITERS))


def test_who_has_lost_patience_is_passed_over() -> None:
    queue = Turns()
    assert queue.take()
    assert not queue.take(patience=0.01)
    queue.pass_on()
    assert queue.take(patience=0.01)


def test_a_write_waits_for_the_one_before_and_says_so_when_it_takes_too_long(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal, an error and a lost connection pass the turn on as a commit does."""
    if dialect_name() != "sqlite":
        return
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.05)
    refused: list[type[Exception]] = []

    def write_beside() -> None:
        with app.app_context():
            try:
                db.session.execute(text("SELECT 1"))
            except OperationalError as error:
                refused.append(type(error))
            db.session.remove()

    def write_in_a_thread() -> None:
        thread = threading.Thread(target=write_beside)
        thread.start()
        thread.join()

    for end in (db.session.commit, db.session.rollback, lambda: db.session.connection().invalidate()):
        db.session.execute(text("SELECT 1"))
        write_in_a_thread()
        assert refused.pop() is OperationalError
        end()
        db.session.remove()
        write_in_a_thread()
        assert refused == []
    with intending("read"):
        db.session.execute(text("SELECT 1"))
        write_in_a_thread()
    assert refused == []
