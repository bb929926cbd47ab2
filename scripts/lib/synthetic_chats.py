"""Made-up chats in any number, on PostgreSQL, made in the server itself: ten million messages in some minutes.

The n-th longest chat has as many lines as 1 / (n + 20) gives it: of 10 million messages the longest chat has some
40,000, eight hundred have more than 1,000, and more than half of all have one line. One side of a chat is somebody up
to the cube of a random number, so that the first members have thousands of chats; the other side is anybody. Lines are
numbered in the order in which they were written, in all chats at once. Words are as unequal as in a language: the n-th
most frequent one is chosen with a weight of 1 / (n + 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from math import log
from random import Random
from typing import Any

from sqlalchemy import text

from app.core.db import db
from scripts.lib.synthetic import settle

OFFSET = 20
ROUNDING = 0.42  # what rounding down takes from each chat that has more than one line
SENTENCES = 20_000
WORDS = 20_000
# Filled by rows that are known to fit; their indexes are built afterwards, which takes a third of the time.
TABLES = ("users", "messages", "chats", "chat_members", "files", "attachments", "notices")
SETTINGS = "work_mem = '512MB'", "maintenance_work_mem = '512MB'", "session_replication_role = replica"


@dataclass(frozen=True)
class Size:
    messages: int

    @property
    def chats(self) -> int:
        return self.messages // 5

    @property
    def members(self) -> int:
        return self.messages // 10

    @property
    def steepness(self) -> float:
        """The n-th longest chat has steepness / (n + OFFSET) lines, rounded down, but at least one: so many that all
        chats together have about `messages`."""
        least, most = float(OFFSET), float(self.messages)
        while most - least > 1:
            middle = (least + most) / 2
            longer = middle * (log(middle / OFFSET) - ROUNDING) + max(0.0, self.chats - middle)
            least, most = (middle, most) if longer < self.messages else (least, middle)
        return most


def words() -> list[str]:
    """All words, the most frequent first; none is part of another one."""
    syllables = [f"{consonant}{vowel}" for consonant in "bdfgklmnprst" for vowel in "aeiou"]
    return [
        f"{syllables[n % 60]}{syllables[n // 60 % 60]}{syllables[n // 3600 % 60]}{'x' if n % 2 else 'z'}"
        for n in range(WORDS)
    ]


def populate_chats(size: Size) -> None:
    """Fills a migrated database that has no members; lets it look at its statistics afterwards."""
    for statement in ("SELECT setseed(0.42)", "CREATE TABLE sentences (n int PRIMARY KEY, body text)"):
        _run(statement)
    db.session.execute(text("INSERT INTO sentences VALUES (:n, :body)"), list(sentences()))
    db.session.commit()
    values = {"members": size.members, "chats": size.chats, "steepness": size.steepness, "pool": SENTENCES}
    with _indexes_built_afterwards():
        for statement in STEPS:
            _run(statement, values)
    for table in ("users", "messages", "chats", "files", "attachments", "notices"):
        _run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # noqa: S608
    for table in ("sentences", "talks", "lines"):
        _run(f"DROP TABLE {table}")
    settle()


def sentences() -> Iterator[dict[str, Any]]:
    """Mostly a few words; one in a hundred has a thousand characters."""
    random, known = Random(1), words()  # noqa: S311 nobody's secret
    steps = list(accumulate(1 / (n + 5) for n in range(WORDS)))
    for n in range(1, SENTENCES + 1):
        length = 150 if n % 100 == 0 else 1 + int(25 * random.random() ** 2)
        yield {"n": n, "body": " ".join(random.choices(known, cum_weights=steps, k=length)).capitalize()}


STEPS = (
    """
    INSERT INTO users (id, number, name, name_key, email, email_key, location, place_key, learning_style, approved_at,
        created_at, updated_at, password_hash, pronouns, bio, timezone, locale, role, is_active, is_verified)
    SELECT n, n, 'Member ' || n, 'member ' || n, n || '@example.org', n || '@example.org', '', '', '', at,
        at, at, '', '', '', 'UTC', 'en', 'member', true, true
    FROM generate_series(1, :members) n, LATERAL (SELECT timestamptz '2024-01-01Z' + n * interval '30 s' AS at) joined
    """,
    """
    CREATE TABLE talks AS
    SELECT row_number() OVER (ORDER BY begun) AS id, ranked.* FROM (
        SELECT lo, hi, greatest(1, floor(:steepness / (20.0 + row_number() OVER (ORDER BY random()))))::int AS length,
            timestamptz '2024-06-01Z' + random() * interval '700 days' AS begun
        FROM (
            SELECT DISTINCT least(a, b) AS lo, greatest(a, b) AS hi FROM (
                SELECT 1 + floor(:members * power(random(), 3))::int AS a, 1 + floor(:members * random())::int AS b
                FROM generate_series(1, (1.05 * :chats)::int)
            ) drawn WHERE a <> b
        ) pairs LIMIT :chats
    ) ranked
    """,
    """
    CREATE TABLE lines AS
    SELECT row_number() OVER (ORDER BY at) AS id, chat_id, seq, at, random() AS fate, random() < 0.5 AS by_lo,
        (1 + floor(:pool * random()))::int AS sentence
    FROM (
        SELECT talks.id AS chat_id, seq,
            begun + (seq - 0.9 * random()) / length * (interval '20 days' + least(length, 1000) * interval '2 h') AS at
        FROM talks, LATERAL generate_series(1, length) seq
    ) said
    """,
    """
    INSERT INTO messages (id, chat_id, user_lo_id, user_hi_id, seq, sender_id, kind, body, body_key, params, url,
        client_token, is_first_contact, change, edited_at, deleted_at, created_at)
    SELECT line.id, chat_id, lo, hi, seq,
        CASE WHEN fate > 0.99 THEN NULL WHEN by_lo THEN lo ELSE hi END,
        CASE WHEN fate > 0.99 THEN 'note' ELSE 'text' END,
        CASE WHEN fate < 0.01 OR fate > 0.99 THEN '' ELSE sentence.body END,
        CASE WHEN fate < 0.01 OR fate > 0.99 THEN '' ELSE lower(sentence.body) END,
        '{}', '', CASE WHEN fate > 0.99 THEN NULL ELSE 't' || line.id END,
        seq = 1 AND fate <= 0.99, CASE WHEN fate < 0.02 THEN seq ELSE 0 END,
        CASE WHEN fate >= 0.01 AND fate < 0.02 THEN at END, CASE WHEN fate < 0.01 THEN at END, at
    FROM lines line JOIN talks ON talks.id = chat_id JOIN sentences sentence ON sentence.n = line.sentence
    ORDER BY line.id
    """,
    """
    INSERT INTO chats (id, user_lo_id, user_hi_id, last_seq, last_change, last_message_at, last_excerpt, created_at)
    SELECT talks.id, lo, hi, length, length, at,
        CASE WHEN fate < 0.01 OR fate > 0.99 THEN '' ELSE left(body, 160) END, begun
    FROM talks JOIN lines ON chat_id = talks.id AND seq = length JOIN sentences ON n = sentence
    ORDER BY talks.id
    """,
    # Every tenth member tidies up: only one chat in twenty is not in the archive.
    """
    INSERT INTO chat_members (chat_id, user_id, last_seq, last_message_at, last_read_seq, hidden_before_seq,
        archived_at, muted_until, draft)
    SELECT id, user_id, last_seq, last_message_at,
        CASE WHEN random() < 0.8 THEN last_seq ELSE floor(last_seq * random())::int END,
        CASE WHEN random() < 0.01 THEN last_seq + 1 ELSE 1 END,
        CASE WHEN random() < CASE WHEN user_id % 10 = 0 THEN 0.95 ELSE 0.05 END THEN last_message_at END,
        CASE WHEN random() < 0.03 THEN timestamptz '9999-01-01Z' END,
        CASE WHEN random() < 0.02 THEN 'Not finished yet' ELSE '' END
    FROM chats, LATERAL unnest(ARRAY[user_lo_id, user_hi_id]) user_id
    """,
    """
    INSERT INTO files (id, owner_id, name, media_type, size, sha256, created_at)
    SELECT id, sender_id, 'Plan.pdf', 'application/pdf', 40000, md5(id::text) || md5(id::text), created_at
    FROM messages WHERE id % 100 = 0 AND kind = 'text' AND deleted_at IS NULL
    """,
    "INSERT INTO attachments (id, message_id, position, file_id, width, height) SELECT id, id, 0, id, 0, 0 FROM files",
    # One for each of the latest fifth of all messages.
    """
    INSERT INTO notices (user_id, kind, params, url, key, group_key, channel, shows_at, read_at, created_at)
    SELECT member.user_id, 'message', jsonb_build_object('name', 'Member ' || sender_id, 'excerpt', left(body, 100)),
        '/chats/' || member.chat_id, 'message:' || id, 'chat-' || member.chat_id, 'in_app', created_at,
        CASE WHEN seq <= last_read_seq THEN created_at END, created_at
    FROM messages JOIN chat_members member ON member.chat_id = messages.chat_id AND member.user_id <> sender_id
    WHERE kind = 'text' AND id > (SELECT 0.8 * max(id) FROM messages) ORDER BY id
    """,
)


@contextmanager
def _indexes_built_afterwards() -> Iterator[None]:
    tables = ", ".join(f"'{table}'::regclass" for table in TABLES)
    _run(f"UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid IN ({tables})")  # noqa: S608
    yield
    for table in TABLES:
        _run(f"REINDEX TABLE {table}")


def _run(statement: str, values: dict[str, Any] | None = None) -> None:
    """In a transaction of its own; what no page may take as long for."""
    db.session.execute(text("SET LOCAL statement_timeout = 0"))
    for setting in SETTINGS:
        db.session.execute(text(f"SET LOCAL {setting}"))
    db.session.execute(text(statement), values or {})
    db.session.commit()
