"""How gunicorn serves Guildhall; `scripts/run` and `gunicorn wsgi:app` both read this file from the checkout.

SQLite: one process, because the file has one writer. PostgreSQL: greenlets in two processes; each may open
DATABASE_POOL_SIZE + DATABASE_MAX_OVERFLOW connections, below the server's usual 100, and one for live events.
The streams of open pages take at most half of what a process serves at once, so there is always room to sign in.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import sys
from pathlib import Path
from typing import Any

from config import ConfigurationError, load

try:
    settings = load()
except ConfigurationError as error:
    sys.exit(str(error))

on_sqlite = settings.database_url.startswith("sqlite")

bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
worker_class = "gthread" if on_sqlite else "gevent"
workers = 1 if on_sqlite else 2
threads = 32
MOST_FILES, FILES_OF_ITS_OWN = 24_576, 256


def connections_of_a_greenlet_worker() -> int:
    """As many as the system lets it open, beside what it needs for itself."""
    files, allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < MOST_FILES:
        files = MOST_FILES if allowed == resource.RLIM_INFINITY else min(MOST_FILES, allowed)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, allowed))
    return max(500, min(files, MOST_FILES) - FILES_OF_ITS_OWN)


worker_connections = 500 if on_sqlite else connections_of_a_greenlet_worker()
streams = (threads if on_sqlite else worker_connections) // 2
# Above the database's statement_timeout of 30 s: a slow statement must end as an error page, not as a killed worker.
timeout = 60
graceful_timeout = 2
keepalive = 15
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 gunicorn makes a private file in it
control_socket_disable = True
# Whether a request came over https is told by TRUSTED_PROXIES alone.
forwarded_allow_ips = ""
# The application logs each request as one line of JSON.
accesslog = None
loglevel = "warning"


# scripts/run starts the server while it still prepares the database, and closes its end of this pipe when it has.
waits_for = int(os.environ.get("GUILDHALL_WAITS_FOR", "-1"))

# What gunicorn takes for "stop, a new worker would fail in the same way".
BOOT_ERROR = 3


def post_fork(_server: Any, _worker: Any) -> None:
    if not on_sqlite:
        from psycogreen.gevent import patch_psycopg  # noqa: PLC0415 needed in one of two cases

        patch_psycopg()
    # With --preload the application exists already, and two processes must not talk over one connection.
    if preloaded := sys.modules.get("wsgi"):
        from app.core.db import db  # noqa: PLC0415 loaded by the worker, not by the master

        with preloaded.app.app_context():
            db.engine.dispose(close=False)


def child_exit(_server: Any, worker: Any) -> None:
    """What a dead worker held open is counted no more."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 the master loads it only for this

        mark_process_dead(worker.pid)


def post_worker_init(worker: Any) -> None:
    """A database that this code cannot serve ends the server with one sentence, before the first request."""
    wait_until_prepared(worker)
    from app.core import live  # noqa: PLC0415 loaded by the worker, not by the master
    from app.core.migrating import SchemaError, ensure_schema  # noqa: PLC0415

    worker.wsgi.config["LIVE_STREAMS"] = streams
    live.end_on(worker.wsgi, signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)
    try:
        ensure_schema(worker.wsgi)
    except SchemaError as error:
        print(f"Guildhall does not start: {error}", file=sys.stderr, flush=True)  # noqa: T201 for the operator
        sys.exit(BOOT_ERROR)
    # The code's own 180,000 objects stay: looking for garbage among them would stop all greenlets for 85 ms.
    gc.collect()
    gc.freeze()


def wait_until_prepared(worker: Any) -> None:
    while waits_for >= 0 and worker.alive and not select.select([waits_for], [], [], 1)[0]:
        worker.notify()  # it is alive: making a database may take longer than a request
    if not worker.alive:
        sys.exit()
