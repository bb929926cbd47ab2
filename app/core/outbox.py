"""Mail that is promised in the same transaction as its cause and sent later, at least once, by the tick.

A dead mail server fails no request and loses nothing: what could not be sent is tried again with a growing pause.
"""

from __future__ import annotations

import smtplib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import idna
import structlog
from flask import current_app, render_template
from flask_babel import force_locale
from flask_mailman import EmailMultiAlternatives
from flask_mailman import Mail as Mailman
from jinja2 import TemplateError
from sqlalchemy import exists, insert, or_, select, update
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from app.core.registry import Recipient, registry

log = structlog.get_logger()
mailman = Mailman()

BATCH = 10  # times the mail server's time limit stays below the lease
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 12
LONGEST_PAUSE = timedelta(hours=6)
SILENCE = timedelta(hours=26)
# What one mail can do wrong, from its address to its template: it must not hold up the others.
FAULTS = (OSError, smtplib.SMTPException, ValueError, LookupError, TypeError, AttributeError, TemplateError)


@dataclass(frozen=True)
class RenderedMail:
    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


def enqueue(kind: str, user_id: int, unique_key: str, params: dict[str, Any] | None = None, address: str = "") -> None:
    """Promises one mail of `kind`; a second one with the same `unique_key` is the same mail."""
    is_bulk = registry().mail_kinds[kind].is_bulk
    if db.session.scalar(select(OutboxMail.id).where(OutboxMail.unique_key == unique_key)) is None:
        mail = OutboxMail(
            kind=kind, user_id=user_id, unique_key=unique_key, params=params or {}, address=address, is_bulk=is_bulk
        )
        db.session.add(mail)


def enqueue_all(kind: str, keys: dict[int, str], params: dict[str, Any], not_before: datetime | None = None) -> int:
    """Promises one mail of `kind` to each of many members, by id with its unique key; how many are new.

    The caller makes sure that nobody promises the same mails at this moment.
    """
    is_bulk, due = registry().mail_kinds[kind].is_bulk, not_before or now()
    promised = set(db.session.scalars(select(OutboxMail.unique_key).where(OutboxMail.unique_key.in_(keys.values()))))
    rows = [
        {
            "kind": kind,
            "user_id": user_id,
            "unique_key": key,
            "params": params,
            "is_bulk": is_bulk,
            "next_try_at": due,
        }
        for user_id, key in keys.items()
        if key not in promised
    ]
    if rows:
        db.session.execute(insert(OutboxMail), rows)
    return len(rows)


def withdraw(unique_keys: Collection[str], *, session: Session | None = None) -> int:
    """What was promised under these keys and has not left yet is not sent; how many mails."""
    if not unique_keys:
        return 0
    waiting = (OutboxMail.unique_key.in_(unique_keys), OutboxMail.state.in_(("waiting", "failed")))
    withdrawn = update(OutboxMail).where(*waiting).values(state="cancelled").returning(OutboxMail.id)
    return len((session or db.session()).scalars(withdrawn).all())


def try_again(mail_id: int | None = None) -> int:
    """A mail that could not be sent is due now, with all its tries before it; without an id all that failed."""
    state = (OutboxMail.state.in_(("waiting", "failed")), OutboxMail.id == mail_id)
    chosen = (OutboxMail.state == "failed",) if mail_id is None else (*state, OutboxMail.attempts > 0)
    due = update(OutboxMail).where(*chosen).values(state="waiting", attempts=0, next_try_at=now())
    return len(db.session.scalars(due.returning(OutboxMail.id)).all())


def render(mail: OutboxMail) -> RenderedMail | None:
    """`mail` in its receiver's language, or None when its cause is gone (closed account, link already used).

    A mail to an address that is no member's is written on behalf of one: its context says the `locale`. `headers` in a
    context become headers of the mail.
    """
    lookup = registry().recipient
    receiver = lookup(mail.user_id) if lookup else None
    to = mail.address or (receiver.address if receiver else "")
    context = registry().mail_kinds[mail.kind].context(mail.user_id, mail.params)
    if receiver is None or not to or context is None:
        return None
    receiver = replace(receiver, locale=context.get("locale") or receiver.locale)
    with force_locale(receiver.locale):
        return _rendered(mail.kind, to, receiver, context)


def _rendered(kind: str, to: str, receiver: Recipient, context: dict[str, Any]) -> RenderedMail:
    """One template gives all three: its blocks subject, text and html."""
    values = {**context, "receiver": receiver}
    part = {
        name: render_template(f"emails/{kind}.html", part=name, **values).strip()
        for name in ("subject", "text", "html")
    }
    headers = context.get("headers", {})
    return RenderedMail(to, " ".join(part["subject"].split()), part["text"] + "\n", part["html"], headers)


def send_due() -> int:
    """Sends what is due, a batch at a time, each mail in its own small transaction; returns how many were sent."""
    if not _can_send():
        return 0
    sent = 0
    while ids := _lease():
        sent += sum(_send(mail_id) for mail_id in ids)
    return sent


@dataclass(frozen=True)
class Delivery:
    """When mail last left, None for never; `is_stale` when none has for a day although some should have."""

    last_at: datetime | None
    is_stale: bool


def delivery() -> Delivery:
    """One statement."""
    long_ago = now() - SILENCE
    sent = select(OutboxMail.sent_at).where(OutboxMail.state == "sent").order_by(OutboxMail.id.desc()).limit(1)
    tried = or_(OutboxMail.attempts > 0, OutboxMail.next_try_at < long_ago)
    left_over = exists().where(OutboxMail.state == "waiting", OutboxMail.created_at < long_ago, tried)
    row = db.session.execute(select(sent.scalar_subquery().label("last_at"), left_over.label("left_over"))).one()
    return Delivery(row.last_at, row.left_over and (row.last_at is None or row.last_at < long_ago))


def _can_send() -> bool:
    """Production without a mail server keeps its mail until there is one; development shows it at /dev/mail."""
    return bool(current_app.config["MAIL_SERVER"]) or current_app.config["DEVELOPMENT"]


def _lease() -> list[int]:
    moment = now()
    due = (
        select(OutboxMail.id)
        .where(
            OutboxMail.state == "waiting",
            OutboxMail.next_try_at <= moment,
            or_(OutboxMail.leased_until.is_(None), OutboxMail.leased_until < moment),
        )
        .order_by(OutboxMail.is_bulk, OutboxMail.next_try_at, OutboxMail.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = list(db.session.scalars(due))
    db.session.execute(update(OutboxMail).where(OutboxMail.id.in_(ids)).values(leased_until=moment + LEASE))
    db.session.commit()
    return ids


def _send(mail_id: int) -> bool:
    mail = db.session.get(OutboxMail, mail_id)
    if mail is None:  # its member was emptied meanwhile
        db.session.rollback()
        return False
    try:
        rendered = render(mail)
        db.session.rollback()  # no transaction stays open while the mail server is asked
        if rendered is None:
            return _settle(mail_id, state="cancelled")
        deliver(rendered)
    except FAULTS as error:
        db.session.rollback()
        return _postpone(mail_id, error)
    return _settle(mail_id, state="sent", sent_at=now(), last_error="")


def deliver(mail: RenderedMail) -> None:
    """Hands `mail` to the mail server now. Raises one of FAULTS; no transaction may be open meanwhile."""
    connection = mailman.get_connection()
    sender = current_app.config["MAIL_DEFAULT_SENDER"]
    to = [_envelope_address(mail.to)]
    headers = dict(mail.headers)
    message = EmailMultiAlternatives(mail.subject, mail.text, sender, to, connection=connection, headers=headers)
    message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    finally:
        connection.close()  # after a refusal it would stay open


def _envelope_address(address: str) -> str:
    """`address` with its domain in ASCII by IDNA 2008; left to the mail library, faß.de would become fass.de."""
    local, _at, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{idna.encode(domain, uts46=True).decode()}"


def _settle(mail_id: int, **values: Any) -> bool:
    settled = update(OutboxMail).where(OutboxMail.id == mail_id).values(leased_until=None, **values)
    db.session.execute(settled)
    db.session.commit()
    return values["state"] == "sent"


def _postpone(mail_id: int, error: Exception) -> bool:
    mail = db.session.get(OutboxMail, mail_id)
    if mail is None:
        db.session.rollback()
        return False
    attempts = mail.attempts + 1
    pause = min(timedelta(minutes=1) * 2 ** (attempts - 1), LONGEST_PAUSE)
    state = "failed" if attempts >= MOST_ATTEMPTS else "waiting"
    log.warning("mail_not_sent", mail_id=mail_id, attempts=attempts, error=type(error).__name__)
    reason = f"{type(error).__name__}: {error}"[:300]
    return _settle(mail_id, state=state, attempts=attempts, next_try_at=now() + pause, last_error=reason)


def purge(keep: timedelta = timedelta(days=30)) -> int:
    """Takes away mail that was settled longer than `keep` ago; failed mail stays until somebody has seen it."""
    old = OutboxMail.state.in_(("sent", "cancelled")) & (OutboxMail.updated_at < now() - keep)
    count = db.session.query(OutboxMail).where(old).delete(synchronize_session=False)
    db.session.commit()
    return count
