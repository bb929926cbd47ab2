"""What the mails about accounts say. Links are signed when a mail is rendered, so that no valid one is ever stored."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import current_app

from app.accounts import tokens
from app.accounts.invitations import Invitation
from app.accounts.models import EmailChange, User
from app.accounts.periods import GRACE
from app.accounts.states import change_state, reset_state, verify_state
from app.community.operations import settings
from app.core import outbox
from app.core.clock import now
from app.core.db import db
from app.core.registry import Recipient

Context = dict[str, Any]


def send(kind: str, user_id: int, params: Context | None = None, address: str = "") -> None:
    """Promises a mail whose cause happens anew each time."""
    outbox.enqueue(kind, user_id, f"{kind}:{user_id}:{secrets.token_hex(8)}", params, address)


def recipient(user_id: int) -> Recipient | None:
    """Who gets mail for this member; None for one who is switched off, emptied or has no address."""
    user = db.session.get(User, user_id)
    if user is None or not user.is_active or not user.email:
        return None
    return Recipient(user.id, user.name, user.email, user.locale, user.timezone)


def verify_email(user_id: int, _params: Context) -> Context | None:
    user = _member(user_id)
    if user is None or user.is_verified:
        return None
    token = tokens.sign(tokens.VERIFY, user.id, verify_state(user))
    return _context(url=absolute("accounts.verify_email", token=token), days=tokens.VERIFY.lasts.days)


def already_member(user_id: int, _params: Context) -> Context | None:
    if _member(user_id) is None:
        return None
    return _context(url=absolute("accounts.sign_in"), forgot_url=absolute("accounts.forgot_password"))


def reset_password(user_id: int, _params: Context) -> Context | None:
    user = _member(user_id)
    if user is None:
        return None
    token = tokens.sign(tokens.RESET, user.id, reset_state(user))
    return _context(url=absolute("accounts.reset_password", token=token))


def password_changed(user_id: int, _params: Context) -> Context | None:
    return _context(url=absolute("accounts.forgot_password")) if _member(user_id) else None


def email_change_old(user_id: int, params: Context) -> Context | None:
    return _email_change(user_id, params, "old")


def email_change_new(user_id: int, params: Context) -> Context | None:
    return _email_change(user_id, params, "new")


def account_closing(user_id: int, _params: Context) -> Context | None:
    user = _member(user_id)
    if user is None or user.closed_at is None:
        return None
    return _context(url=absolute("accounts.sign_in"), until=user.closed_at + GRACE)


def invitation(_user_id: int, params: Context) -> Context | None:
    """To somebody who is no member, on behalf of the one who invites."""
    row = db.session.get(Invitation, params["invitation_id"])
    if row is None or row.revoked_at or row.uses or row.expires_at <= now():
        return None
    token = tokens.invitation_token(row.seed, row.token_hash)
    inviter = db.session.get_one(User, row.inviter_id)
    known = _context(inviter=inviter.name, note=row.note, until=row.expires_at)
    url = absolute("accounts.join", token=token)
    return {**known, "url": url, "locale": params["locale"] or known["community"].locale} if token else None


def claim_account(_user_id: int, params: Context) -> Context | None:
    """To a member without e-mail, on behalf of the coordinator who was told the address."""
    change = db.session.get(EmailChange, params["change_id"])
    if change is None or change.expires_at <= now():
        return None
    user = db.session.get_one(User, change.user_id)
    if user.email or not user.is_active:
        return None
    token = tokens.sign(tokens.CLAIM, change.id, change_state(user, change))
    url = absolute("accounts.claim", token=token)
    return _context(url=url, name=user.name, until=change.expires_at, locale=user.locale)


def accounts_merged(_user_id: int, params: Context) -> Context:
    """To an address that opens no account any more, on behalf of the coordinator; `params` say whose and how."""
    return _context(url=absolute("accounts.sign_in"), **params)


def member_approved(user_id: int, _params: Context) -> Context | None:
    return _context(url=absolute("home.index")) if _member(user_id) else None


def member_refused(_user_id: int, params: Context) -> Context:
    """To somebody who was not taken; the account is emptied, so all there is to say stands in `params`."""
    return _context(**params)


MAIL_CONTEXTS: dict[str, Callable[[int, Context], Context | None]] = {
    "verify_email": verify_email,
    "already_member": already_member,
    "reset_password": reset_password,
    "password_changed": password_changed,
    "email_change_old": email_change_old,
    "email_change_new": email_change_new,
    "account_closing": account_closing,
    "invitation": invitation,
    "claim_account": claim_account,
    "accounts_merged": accounts_merged,
    "member_approved": member_approved,
    "member_refused": member_refused,
}


def absolute(endpoint: str, **values: str) -> str:
    """An address that works in a mail; ticks have no request to take the host from."""
    path: str = current_app.url_map.bind("").build(endpoint, values)
    return f"{current_app.config['PUBLIC_URL']}{path}"


def _email_change(user_id: int, params: Context, side: str) -> Context | None:
    user, change = _member(user_id), db.session.get(EmailChange, params["change_id"])
    if user is None or change is None or change.expires_at <= now():
        return None
    token = tokens.sign(tokens.CHANGE_EMAIL, change.id, change_state(user, change), side)
    url, days = absolute("accounts.email_change", token=token), tokens.CHANGE_EMAIL.lasts.days
    return _context(url=url, old=user.email, new=change.email, days=days)


def _member(user_id: int) -> User | None:
    """The member as long as there is somebody to write to."""
    user = db.session.get(User, user_id)
    return user if user and user.is_active and user.email else None


def _context(**values: Any) -> Context:
    """The community is loaded here, because a template asks the database for nothing."""
    return {"community": settings(), **values}
