"""Links that prove something: signed, for one purpose, for a while, and for one use.

Nothing is stored: a token names a row and carries a fingerprint of the state that it is meant for. Using it changes
that state (the password, the address), and with it every token of before is worth nothing.

Invitations last longer and are printed, so theirs are short: made from a row's random seed and the site's secret
whenever they are needed, while the row keeps only the hash. A copy of the database opens no door.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from app.accounts.viewer import hash_token


@dataclass(frozen=True)
class Purpose:
    salt: str
    lasts: timedelta


VERIFY = Purpose("accounts.verify-email", timedelta(days=3))
RESET = Purpose("accounts.reset-password", timedelta(hours=1))
# For somebody who was brought along and has no password yet; it becomes worthless with the first one.
FIRST_PASSWORD = Purpose("accounts.first-password", timedelta(days=14))
CHANGE_EMAIL = Purpose("accounts.change-email", timedelta(days=3))
CLAIM = Purpose("accounts.claim", timedelta(days=14))


@dataclass(frozen=True)
class Claim:
    """What a valid token says: the row it is about, and the fingerprint of the state it was made for."""

    row_id: int
    side: str
    state: str


def sign(purpose: Purpose, row_id: int, state: str, side: str = "") -> str:
    return _serializer(purpose).dumps([row_id, side, state])


def read(purpose: Purpose, token: str) -> Claim | None:
    """The claim of `token`, or None when it is not ours, for something else, or too old."""
    try:
        content = _serializer(purpose).loads(token, max_age=int(purpose.lasts.total_seconds()))
    except (BadData, ValueError):
        return None
    return Claim(*content)


def from_seed(seed: str) -> str:
    """The token of an invitation, 144 bits that nobody without the site's secret can make."""
    message = f"invitation\x1f{seed}".encode()
    digest = hmac.new(current_app.config["SECRET_KEY"].encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()


def invitation_token(seed: str, token_hash: str) -> str:
    """The token of an invitation as it was given out, "" when the site's secret has changed since."""
    token = from_seed(seed)
    return token if same(hash_token(token), token_hash) else ""


def fingerprint(*parts: str) -> str:
    """A short keyed hash of `parts`: equal for equal parts, and it says nothing about them."""
    message = "\x1f".join(parts).encode()
    return hmac.new(current_app.config["SECRET_KEY"].encode(), message, hashlib.sha256).hexdigest()[:24]


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _serializer(purpose: Purpose) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=purpose.salt)
