"""Periodic work is done when it is due, once, whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.core import ticks
from app.core.clock import now
from app.core.db import db
from app.core.registry import Tick, registry


@pytest.fixture
def only(app: Flask) -> Iterator[list[str]]:
    """The registry holds one tick for the test, which notes its runs."""
    before, runs = registry().ticks, []

    def handler() -> int:
        runs.append("ran")
        return 1

    registry().ticks = {}
    registry().add_ticks(Tick("count", timedelta(hours=1), handler))
    yield runs
    registry().ticks = before


def test_it_runs_when_due_and_not_before(only: list[str]) -> None:
    assert ticks.run_due() == 1
    assert ticks.run_due() == 0
    with time_machine.travel(now() + timedelta(hours=1, seconds=1), tick=True):
        assert ticks.run_due() == 1
    assert len(only) == 2


def test_two_loops_at_once_do_it_once(app: Flask, only: list[str]) -> None:
    start = threading.Barrier(6)

    def loop() -> None:
        with app.app_context():
            start.wait()
            ticks.run_due()

    threads = [threading.Thread(target=loop) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert only == ["ran"]


def test_one_that_fails_does_not_stop_the_others(app: Flask, only: list[str]) -> None:
    def failing() -> int:
        raise RuntimeError("broken on purpose")

    registry().ticks = {"fails": Tick("fails", timedelta(hours=1), failing), **registry().ticks}
    assert ticks.run_due() == 2
    assert only == ["ran"]


def test_a_run_that_died_is_taken_over(app: Flask, only: list[str]) -> None:
    tick = registry().ticks["count"]
    assert ticks._claim(tick, "dead")
    assert ticks.run_due() == 0
    with time_machine.travel(now() + tick.longest + timedelta(seconds=1), tick=True):
        assert ticks.run_due() == 1


def test_the_latest_run_is_known(only: list[str]) -> None:
    assert ticks.last_done() is None
    ticks.run_due()
    db.session.rollback()
    assert now() - (ticks.last_done() or now()) < timedelta(minutes=1)


def test_the_real_ticks_all_run(app: Flask) -> None:
    assert ticks.run_due() == len(registry().ticks)
