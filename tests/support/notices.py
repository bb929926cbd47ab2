"""Notices, announcements in each state and mail that has not left, for the pages and tests that show them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from app.core.registry import registry
from app.notices import tokens
from app.notices.kinds import ANNOUNCEMENT
from app.notices.models import Notice
from app.notices.operations import Wording, draft, send, send_waiting
from tests.world import World

BODY = "We meet at **three** in the garden.\n\n- Bring a chair.\n- Bring [a friend](https://example.org)."
FOR_ALL = Wording("Summer gathering on Saturday", BODY)
GATHERING = replace(FOR_ALL, place_key="riverton")


def announce(author_id: int, wording: Wording = GATHERING) -> int:
    """A published announcement, told to everybody whom it is for; its id. Commits."""
    written = draft(author_id, wording)
    announcement_id = written.id
    send(announcement_id, author_id, written.version)
    db.session.commit()
    send_waiting()
    return announcement_id


def add_notice(user_id: int, key: str = "one", hours: int = 0, **values: object) -> int:
    """One unread notice, told `hours` ago; its id. Commits."""
    moment = now() - timedelta(hours=hours)
    params = {"id": 0, "title": f"The key of the garden house ({key})"}
    row = Notice(user_id=user_id, kind=ANNOUNCEMENT, params=params, url="/members", key=key, group_key=key)
    row.created_at = row.shows_at = moment
    for name, value in values.items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()
    notice_id = row.id
    db.session.commit()
    return notice_id


def add_notices(ids: World, wording: Wording = GATHERING) -> dict[str, int | str]:
    """What the pages about notices show, and what stands for the braces in their paths. Commits."""
    notice = add_notice(ids.alice, "today")
    add_notice(ids.alice, "read", hours=3, read_at=now())
    add_notice(ids.alice, "yesterday", hours=26)
    add_notice(ids.alice, "long ago", hours=200, read_at=now())
    if "message" in registry().notice_kinds:
        said = {"name": "Bob Brandt", "excerpt": "Shall we begin with verbs on Monday?"}
        for n in range(3):
            add_notice(ids.alice, f"said {n}", hours=1, kind="message", params=said, group_key="chat-0")
    announcement = announce(ids.mod, wording)
    written = draft(ids.mod, Wording("Who lends a ladder?", BODY, category="crafts-repair", role="member")).id
    db.session.commit()
    add_unsent_mail(ids)
    return {
        "notice": notice,
        "announcement": announcement,
        "announcement_draft": written,
        "unsubscribe": tokens.sign(ids.alice, ANNOUNCEMENT),
    }


def add_unsent_mail(ids: World) -> None:
    """One mail that failed for good and one that was refused once. Commits."""
    refused = "SMTPRecipientsRefused: {'bob@example.org': (550, b'5.1.1 No such user here')}"
    for key, state, attempts in (("failed", "failed", 12), ("refused", "waiting", 1)):
        mail = OutboxMail(user_id=ids.bob, kind="password_changed", unique_key=key, state=state, attempts=attempts)
        mail.last_error, mail.next_try_at = refused, now() + timedelta(minutes=20)
        db.session.add(mail)
    db.session.flush()
    earlier = update(OutboxMail).where(OutboxMail.unique_key.in_(("failed", "refused")))
    db.session.execute(earlier.values(created_at=now() - timedelta(days=1)))
    db.session.commit()
