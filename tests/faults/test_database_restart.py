"""The database goes away under open pages and comes back."""

from __future__ import annotations

import threading

import psycopg2
import pytest

from app.core.live.events import CHANNEL, payloads
from app.core.live.hub import Hub
from app.core.live.listening import listen
from app.core.live.streams import Stream
from tests import postgres
from tests.support.live import Page, wait_for


@pytest.mark.slow
def test_after_a_crash_of_the_database_pages_catch_up_and_hear_again() -> None:
    address = postgres.start()
    hub = Hub(4)
    stream = Stream(hub, 1, 1, None)
    assert hub.join(stream, None)
    assert hub.take_listener()
    thread = threading.Thread(target=listen, args=(hub, address))
    thread.start()
    page = Page(stream)
    wait_for(lambda: page.seqs("resync"))
    notify(address, 1)
    wait_for(lambda: page.seqs("chat-7") == [1])
    postgres.restart(address)
    wait_for(lambda: len(page.seqs("resync")) > 1)
    notify(address, 2)
    wait_for(lambda: page.seqs("chat-7") == [1, 2])
    hub.ending = True
    wait_for(lambda: page.ended)
    thread.join()


def notify(address: str, seq: int) -> None:
    connection = psycopg2.connect(address)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", (CHANNEL, next(payloads([1], "chat-7", seq))))
    connection.close()
