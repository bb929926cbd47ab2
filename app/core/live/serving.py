"""What a server needs: a stream for somebody who may have one, the state for those who may not, and an end."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy import event, literal, select
from sqlalchemy.orm import Session

from app.core.db import db
from app.core.live.events import PUBLISHED
from app.core.live.hub import Hub
from app.core.live.listening import listen
from app.core.live.streams import Stream
from app.core.planned import planned_once
from app.core.registry import registry

EXTENSION = "guildhall.live"


def init_app(app: Flask) -> None:
    """A server that can hold more streams than a few says so in LIVE_STREAMS; the default fits one with 32 threads."""
    app.config.setdefault("LIVE_STREAMS", 16)
    names: dict[str, Any] = {"page_moment": lambda: f"{moment():.3f}"}
    app.jinja_env.globals.update(names)
    event.listen(Session, "after_commit", _wake_listener)


def open_stream(user_id: int, session_id: int, since: float | None, environ: dict[str, Any]) -> Stream | None:
    """An iterable response for the member's page, None when every place is taken.

    `since` is the `moment()` of the page; without it the stream begins with "resync".
    """
    hub = _hub()
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    stream = Stream(hub, user_id, session_id, connection)
    if not hub.join(stream, since):
        return None
    if hub.take_listener():
        address = current_app.config["DATABASE_DIRECT_URL"]
        threading.Thread(target=listen, args=(hub, address), name="live", daemon=True).start()
    return stream


def moment() -> float:
    """When this request began, in seconds of the epoch: what its page shows is no older."""
    spent: float = time.perf_counter() - g.started if "started" in g else 0.0
    return time.time() - spent


def state_of(user_id: int) -> dict[str, int]:
    """Topic → a number that changes with it, for pages that have no stream; one statement for all of them."""
    states = registry().live_states
    if not states:
        return {}
    columns = [state(literal(user_id)).label(f"state_{n}") for n, state in enumerate(states.values())]
    return dict(
        zip(
            states, (int(value or 0) for value in db.session.execute(planned_once(select(*columns))).one()), strict=True
        )
    )


def end_on(app: Flask, *signals: signal.Signals) -> None:
    """Ends the open streams when one of `signals` comes, before what the server does then.

    A signal handler may take no lock, so it only leaves a word for the listener.
    """
    for number in signals:
        signal.signal(number, _ending(app, signal.getsignal(number)))
        signal.siginterrupt(number, False)


def _ending(app: Flask, before: Any) -> Any:
    def handle(number: int, frame: FrameType | None) -> None:
        if hub := app.extensions.get(EXTENSION):
            hub.ending = True
        before(number, frame)

    return handle


def _hub() -> Hub:
    """Made on the first call, when the process has been forked and gevent has put its own locks in place."""
    extensions = current_app.extensions
    if EXTENSION not in extensions:
        extensions.setdefault(EXTENSION, Hub(current_app.config["LIVE_STREAMS"]))
    found: Hub = extensions[EXTENSION]
    return found


def _wake_listener(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.pop(PUBLISHED, False):
        return
    if hub := current_app.extensions.get(EXTENSION):
        hub.woken.set()
