"""Limits on tries, kept in the database so that all processes count together.

A try is counted before it is made, under a lock on its key: a hundred at once are counted one after another. What
went well is taken back. Keys are keyed hashes: the table names no address and no member.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import ngettext
from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import SignInAttempt
from app.core.clock import now
from app.core.db import dialect_name, own_transaction
from app.core.errors import TooMany
from app.core.models import AuditEvent


@dataclass(frozen=True)
class Limit:
    kind: str
    most: int
    within: timedelta


@dataclass(frozen=True)
class Try:
    """One thing that is tried: `who` is the account or the address that it counts for."""

    limit: Limit
    who: str

    @property
    def key(self) -> str:
        message = f"{self.limit.kind}\x1f{self.who}".encode()
        return hmac.new(current_app.config["SECRET_KEY"].encode(), message, hashlib.sha256).hexdigest()


SIGN_IN_ACCOUNT = Limit("sign-in account", 10, timedelta(minutes=15))
SIGN_IN_ADDRESS = Limit("sign-in address", 50, timedelta(minutes=15))
# Typed by a signed-in member: strangers who fail at the gate do not use these up.
PASSWORD_AGAIN = Limit("password again", 10, timedelta(minutes=15))
SIGN_UP_ADDRESS = Limit("sign-up address", 30, timedelta(hours=1))
MAIL_ACCOUNT = Limit("mail account", 5, timedelta(hours=1))
MAIL_ADDRESS = Limit("mail address", 30, timedelta(hours=1))
ASKING_ACCOUNT = Limit("asking account", 3, timedelta(hours=1))
ASKING_ADDRESS = Limit("asking address", 15, timedelta(hours=1))
LONGEST_WINDOW = timedelta(hours=1)


def sign_in_tries(account: str, address: str) -> tuple[Try, Try]:
    return Try(SIGN_IN_ACCOUNT, account), Try(SIGN_IN_ADDRESS, network(address))


def mail_tries(account: str, address: str) -> tuple[Try, Try]:
    return Try(MAIL_ACCOUNT, account), Try(MAIL_ADDRESS, network(address))


def asking_tries(account: str, address: str) -> tuple[Try, Try]:
    """For a wish for an invitation: a coordinator reads each."""
    return Try(ASKING_ACCOUNT, account), Try(ASKING_ADDRESS, network(address))


def count(*tries: Try) -> list[int]:
    """Counts `tries` for good, even when the request is refused later; the ids let `take_back` undo it.

    Raises TooMany when one of the limits is reached; then none of the tries counts.
    """
    moment = now()
    with own_transaction() as own:
        _lock(own, tries)
        counted = {each: _recent(own, each, moment) for each in tries}
        if waits := [_wait(each, counted[each], moment) for each in tries if len(counted[each]) >= each.limit.most]:
            raise too_many(max(waits))
        rows = [SignInAttempt(kind=each.limit.kind, key=each.key, at=moment) for each in tries]
        own.add_all(rows)
        own.add_all(_reached(each) for each in tries if len(counted[each]) + 1 == each.limit.most)
        own.flush()
        return [row.id for row in rows]


def take_back(session: Session, ids: list[int], *forgiven: Try) -> None:
    """The tries `ids` went well and count no longer; all tries under the keys of `forgiven` are forgotten too."""
    alike = (and_(SignInAttempt.kind == each.limit.kind, SignInAttempt.key == each.key) for each in forgiven)
    session.execute(delete(SignInAttempt).where(or_(SignInAttempt.id.in_(ids), *alike)))


def too_many(seconds: int) -> TooMany:
    minutes = max(1, math.ceil(seconds / 60))
    message = ngettext(
        "There were too many tries. Please wait %(num)d minute, then try again.",
        "There were too many tries. Please wait %(num)d minutes, then try again.",
        minutes,
    )
    return TooMany(message, seconds)


def network(address: str) -> str:
    """The part of an address that stands for one customer: all of IPv4, the first 64 bits of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))


def _lock(own: Session, tries: tuple[Try, ...]) -> None:
    """Tries under the same key wait for each other; SQLite has one writer anyway. Sorted, so that no two deadlock."""
    if dialect_name() == "postgresql":
        for number in sorted(int(each.key[:15], 16) for each in tries):
            own.execute(select(func.pg_advisory_xact_lock(number)))


def _recent(own: Session, each: Try, moment: datetime) -> list[datetime]:
    since = moment - each.limit.within
    mine = select(SignInAttempt.at).where(
        SignInAttempt.kind == each.limit.kind, SignInAttempt.key == each.key, SignInAttempt.at > since
    )
    return list(own.scalars(mine.order_by(SignInAttempt.at)))


def _wait(each: Try, counted: list[datetime], moment: datetime) -> int:
    """Seconds until enough of the counted tries are old."""
    freed_by = counted[len(counted) - each.limit.most]
    return max(1, math.ceil((freed_by + each.limit.within - moment).total_seconds()))


def _reached(each: Try) -> AuditEvent:
    kind = each.limit.kind
    address = each.who[:45] if kind.endswith("address") else ""
    return AuditEvent(actor_id=None, subject_id=None, action="limit-reached", address=address, detail=kind)
