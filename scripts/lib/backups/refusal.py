"""How the commands end: with one sentence for whoever, or whatever cron, started them."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from types import FrameType

import psycopg2

from config import ConfigurationError


class Refusal(Exception):
    """Why it was not done, in one sentence that holds no password."""


class Stopped(BaseException):
    """Somebody asked for the end; what was begun is cleared away first."""


def explained(error: Exception) -> str:
    """One sentence for an error that may come from the disk or from a database."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].removeprefix("FATAL:").strip().rstrip(".") + "."


FAULTS = (Refusal, ConfigurationError, OSError, sqlite3.Error, psycopg2.Error)


def ending_well(main: Callable[[], int]) -> int:
    """The exit code of `main`; every fault is one line on stderr and the code 1."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        return main()
    except FAULTS as error:
        print(f"{_program()}: {explained(error)}", file=sys.stderr)
    except (KeyboardInterrupt, Stopped):
        print(f"{_program()}: stopped before the end.", file=sys.stderr)
    return 1


def _program() -> str:
    return os.environ.get("GUILDHALL_COMMAND", "guildhall")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped
