"""The address in a mail that stops such mails: signed, for one member and one kind, and good for as long as the mail
lies in somebody's box (RFC 8058 asks for no sign-in; whoever holds the mail may stop it)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from app.core.registry import registry
from app.notices.models import DIGEST, EVERY_KIND


@dataclass(frozen=True)
class Unsubscribing:
    """`scope` is the name of a kind of notices, DIGEST for the daily mail, or EVERY_KIND."""

    user_id: int
    scope: str


def sign(user_id: int, scope: str) -> str:
    return _serializer().dumps([user_id, scope])


def read(token: str) -> Unsubscribing | None:
    """What `token` says, None when it is not ours or about a kind that is no more."""
    try:
        user_id, scope = _serializer().loads(token)
    except (BadData, ValueError, TypeError):
        return None
    known = {EVERY_KIND, DIGEST, *registry().notice_kinds}
    return Unsubscribing(user_id, scope) if scope in known else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="notices.unsubscribe")
