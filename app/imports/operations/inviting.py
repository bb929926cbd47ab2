"""The one mail by which imported members choose a password, and so prove their address. Nobody gets it unasked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from app.accounts import tokens
from app.accounts.models import User
from app.accounts.operations.mails import absolute
from app.accounts.states import reset_state
from app.community.models import CommunitySettings
from app.community.operations import settings
from app.core import audit, outbox
from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from app.imports.models import ImportedMember
from app.imports.queries import uninvited

INVITATION = "import_invitation"


def invite_all(actor_id: int) -> int:
    """Promises the mail to everybody who has not had it; how many. A second press finds nobody."""
    db.session.execute(select(CommunitySettings.id).with_for_update())
    ids = list(db.session.scalars(uninvited().order_by(User.id)))
    if not ids:
        return 0
    sent = outbox.enqueue_all(INVITATION, {i: f"{INVITATION}:{i}" for i in ids}, {"actor_id": actor_id})
    marking = update(ImportedMember).where(ImportedMember.user_id.in_(ids), ImportedMember.is_new.is_(True))
    db.session.execute(marking.values(invited_at=now()), execution_options={"synchronize_session": False})
    audit.record("imported-members-invited", actor_id=actor_id, subject_id=None, detail=str(sent))
    return sent


def invitation_context(user_id: int, params: dict[str, Any]) -> dict[str, Any] | None:
    """What the mail says; None once the member has a password or is gone. A preview holds no link that works."""
    user, actor = db.session.get(User, user_id), db.session.get(User, params["actor_id"])
    if user is None or not user.is_active or not user.email or user.password_hash or user.is_verified:
        return None
    token = "preview" if params.get("preview") else tokens.sign(tokens.FIRST_PASSWORD, user.id, reset_state(user))
    return {
        "community": settings(),
        "inviter": actor.name if actor else "",
        "url": absolute("accounts.reset_password", token=token),
        "forgot_url": absolute("accounts.forgot_password"),
        "days": tokens.FIRST_PASSWORD.lasts.days,
    }


def preview(actor_id: int) -> outbox.RenderedMail | None:
    """The mail as the first of them would get it, None when nobody waits for one."""
    user_id = db.session.scalar(uninvited().order_by(User.id).limit(1))
    if user_id is None:
        return None
    return outbox.render(
        OutboxMail(kind=INVITATION, user_id=user_id, address="", params={"actor_id": actor_id, "preview": True})
    )
