"""A process of its own that does one thing to the ledger, to be killed meanwhile: VERB ADDRESS UPLOADS.

`release` passes on what is held for exchange:1 and commits; `hang` does the same, does not commit and waits.
It prints "ready" and waits for a line before, and prints "done" after what it does.
"""

from __future__ import annotations

import signal
import sys

import config
from app.core.db import db
from app.factory import create_app
from app.wallet import operations


def main(verb: str, address: str, uploads: str) -> None:
    application = create_app(config.load({"SECRET_KEY": "x" * 40, "DATABASE_URL": address, "UPLOADS": uploads}))
    with application.app_context():
        bob = operations.wallet_for("member", "user:2", "TIME")
        db.session.remove()
        db.engine.dispose()  # from here on every call on the database's files belongs to the release
        print("ready", flush=True)  # noqa: T201 the parent waits for it
        sys.stdin.readline()
        operations.release("exchange:1", bob, 60, text="Spanish", scope="exchange:1", key="release")
        if verb == "release":
            db.session.commit()
        print("done", flush=True)  # noqa: T201
        if verb == "hang":
            signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
