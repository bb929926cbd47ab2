"""The locks of a chat: first the member who acts, then the chat. Whoever takes both takes them in this order."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.operations.locking import locked
from app.accounts.queries import Acting, visible_to
from app.chats import queries
from app.chats.models import Chat
from app.core.db import db
from app.core.errors import Forbidden


def locked_chat(user_id: int, chat_id: int) -> tuple[User, Chat]:
    """The member and one of their chats as of now; both stay so until the transaction ends."""
    member = locked(user_id)
    mine = select(Chat).where(Chat.id == chat_id, queries.is_in(user_id))
    return member, db.session.scalars(
        mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    ).one()


def require_reachable(user_id: int, other_id: int) -> None:
    """Raises Forbidden when the two cannot write to each other: a block of either, or an account that is away."""
    reachable = select(User.id).where(User.id == other_id, User.email.is_not(None), visible_to(Acting(user_id)))
    if db.session.scalar(reachable) is None:
        raise Forbidden(_("You cannot write to this member at the moment."))
