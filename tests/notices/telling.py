"""A kind of notice for tests, and looking at what was told."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.db import db
from app.core.models import OutboxMail
from app.core.registry import NoticeKind, registry
from app.notices.models import Notice, NoticePreference
from app.notices.operations import tell

SAID, ASKED = "said", "asked"
KINDS = (
    NoticeKind(SAID, "message-circle", "Messages", lambda p: f"{p['name']} wrote to you", default="mail",
               pause=timedelta(minutes=2)),
    NoticeKind(ASKED, "mail", "Questions", lambda p: f"{p['name']} asks you something", default="digest"),
)  # fmt: skip


@pytest.fixture
def kinds(app: Flask) -> Any:
    """Two kinds that only tests know: one that comes by mail, one for the daily digest."""
    known = registry().notice_kinds
    registry().add_notice_kinds(*KINDS)
    yield KINDS
    for kind in KINDS:
        known.pop(kind.name)


def say(user_id: int, key: str, chat_id: int = 7, **more: Any) -> bool:
    """Tells of a line in a conversation, and commits."""
    done = tell(user_id, SAID, {"name": "Bob"}, f"/members/{chat_id}", key, chat_id=chat_id, **more)
    db.session.commit()
    return done


def ask(user_id: int, key: str, **more: Any) -> bool:
    """Tells of something that goes into the digest, and commits."""
    done = tell(user_id, ASKED, {"name": "Bob"}, "/members", key, **more)
    db.session.commit()
    return done


def wish(user_id: int, kind: str, channel: str) -> None:
    db.session.merge(NoticePreference(user_id=user_id, kind=kind, channel=channel))
    db.session.commit()


def told(user_id: int) -> list[Notice]:
    db.session.rollback()
    return list(db.session.scalars(select(Notice).where(Notice.user_id == user_id).order_by(Notice.id)))


def mails(kind: str = "", state: str = "waiting") -> int:
    db.session.rollback()
    such = (OutboxMail.state == state, OutboxMail.kind.contains(kind))
    return db.session.scalar(select(func.count()).select_from(OutboxMail).where(*such)) or 0


def at_once(app: Flask, *calls: Callable[[], Any]) -> Counter[Any]:
    """What these answer when they run in threads of their own from the same moment on; each commits."""
    start, answers = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        with app.app_context():
            start.wait()
            answer = call()
            db.session.commit()
            db.session.remove()
        answers.append(answer)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    db.session.rollback()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(calls), "a thread failed; see above"
    return Counter(answers)
