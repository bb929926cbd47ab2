"""Wanting nothing to do with somebody; both can be said twice."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Block
from app.core.db import db


def block(blocker_id: int, blocked_id: int) -> None:
    if db.session.get(Block, (blocker_id, blocked_id)) is not None:
        return
    try:
        with db.session.begin_nested():
            db.session.add(Block(blocker_id=blocker_id, blocked_id=blocked_id))
    except IntegrityError:  # said twice at once
        return


def unblock(blocker_id: int, blocked_id: int) -> None:
    db.session.execute(delete(Block).where(Block.blocker_id == blocker_id, Block.blocked_id == blocked_id))
