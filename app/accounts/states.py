"""The states that tokens are meant for (see tokens.py): any change of what is named here makes them worthless."""

from __future__ import annotations

from app.accounts.models import EmailChange, User
from app.accounts.tokens import fingerprint


def verify_state(user: User) -> str:
    return fingerprint("verify", user.email_key or "", user.password_hash)


def reset_state(user: User) -> str:
    return fingerprint("reset", user.email_key or "", user.password_hash)


def change_state(user: User, change: EmailChange) -> str:
    return fingerprint("change", user.email_key or "", change.email_key)


def joining_mark(password_hash: str) -> str:
    """Stays in the browser that signed up: the link in the mail is enough there, elsewhere the password is asked."""
    return fingerprint("joining", password_hash)
