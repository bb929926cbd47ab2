"""Which statements a page sends, and how long each of them takes, taken from the engine itself."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

# Lists of values have as many places as values; it is the same statement all the same.
PLACES = re.compile(r"\((%\(\w+\)s(?:, )?)+\)")


class StatementLog:
    """`noted` are the statements since it was last emptied: text and milliseconds, the answer's way included."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, float]] = []
        self._began = 0.0

    def before(self, *_rest: Any) -> None:
        self._began = time.perf_counter()

    def after(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.noted.append((PLACES.sub("(…)", statement), (time.perf_counter() - self._began) * 1000))


@contextmanager
def logged(engine: Engine) -> Iterator[StatementLog]:
    log = StatementLog()
    event.listen(engine, "before_cursor_execute", log.before)
    event.listen(engine, "after_cursor_execute", log.after)
    try:
        yield log
    finally:
        event.remove(engine, "before_cursor_execute", log.before)
        event.remove(engine, "after_cursor_execute", log.after)


def short(statement: str) -> str:
    """What it does with which table: the one that stands outside of all brackets, or else the first one."""
    verb, outside = statement.split(maxsplit=1)[0], _outside(statement)
    for words in (outside, statement):
        if found := re.search(r"\b(?:FROM|INTO|UPDATE)\s+([a-z_]+)", words):
            return f"{verb.lower()} {found[1]}"
    return verb.lower()


def _outside(statement: str) -> str:
    depth = 0
    kept: list[str] = []
    for sign in statement:
        depth += (sign == "(") - (sign == ")")
        kept.append(sign if depth == 0 else "")
    return "".join(kept)
