"""One of the clients of `scripts/bench ledger`, a process of its own: ADDRESS UPLOADS NUMBER GIVERS, a file.

It reads lines "WHAT SECONDS" from its input and answers each with the milliseconds of every transfer, as JSON.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from random import Random
from typing import NamedTuple

from flask import Flask

import config
from app.core.db import db
from app.core.idempotency import new_key
from app.factory import create_app
from app.wallet import kinds, operations

SECRET = "bench" * 8  # of a database that is thrown away


class Giver(NamedTuple):
    """A member with a wallet, and the cookie of the member's browser."""

    user_id: int
    wallet_id: int
    cookie: str


def application(address: str, uploads: str) -> Flask:
    return create_app(config.load({"SECRET_KEY": SECRET, "DATABASE_URL": address, "UPLOADS": uploads}), TESTING=True)


class Client:
    """The first of `givers` is the hot one, to whom all the others give."""

    def __init__(self, app: Flask, number: int, givers: list[Giver]) -> None:
        self.app, self.givers = app, givers
        self.random = Random(number)  # noqa: S311 nobody's secret
        self.name, self.count = f"bench:{number}:{time.time_ns()}", 0
        app.config["WTF_CSRF_ENABLED"] = False
        self.verbs: dict[str, Callable[[], None]] = {"random": self.anybody, "hot": self.one, "request": self.request}

    def run(self, what: str, seconds: float) -> list[float]:
        """Milliseconds of each transfer. A request brings its own context: inside another one it would find the member
        of the request before."""
        verb, taken = self.verbs[what], list[float]()
        end = time.perf_counter() + seconds
        with nullcontext() if what == "request" else self.app.app_context():
            while (began := time.perf_counter()) < end:
                verb()
                taken.append((time.perf_counter() - began) * 1000)
        return taken

    def anybody(self) -> None:
        self.transfer(*self.random.sample(self.givers, 2))

    def one(self) -> None:
        self.transfer(self.random.choice(self.givers[1:]), self.givers[0])

    def transfer(self, giver: Giver, receiver: Giver) -> None:
        self.count += 1
        operations.transfer(
            giver.wallet_id,
            receiver.wallet_id,
            self.random.randint(1, 60),
            kind=kinds.GIFT,
            text="Thank you",
            actor_id=giver.user_id,
            scope=self.name,
            key=str(self.count),
        )
        db.session.commit()

    def request(self) -> None:
        """A member's whole request: who looks, the form, the transfer, the notice to the other."""
        giver, receiver = self.random.sample(self.givers, 2)
        form = {"to": receiver.user_id, "organisation": 0, "purse": 0, "hours": 0, "minutes": 1}
        words = {"reason": "Thank you", "idempotency_key": new_key()}
        # The browser keeps no cookies: each request is another member's.
        browser = self.app.test_client(use_cookies=False)
        answer = browser.post("/wallet/gifts", data={**form, **words}, headers={"Cookie": giver.cookie})
        if answer.status_code != 303:
            raise RuntimeError(f"a gift was answered with {answer.status}\n{answer.text}")


def main(address: str, uploads: str, number: str, givers: str) -> None:
    logging.disable(logging.INFO)  # a line for each request is not what is measured
    app = application(address, uploads)
    known = [Giver(*row) for row in json.loads(Path(givers).read_text())]
    client = Client(app, int(number), known)
    print("ready", flush=True)
    for line in sys.stdin:
        what, seconds = line.split()
        print(json.dumps(client.run(what, float(seconds))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
