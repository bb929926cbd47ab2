"""What a member may do to a line or to whom they may write; templates ask the same before they draw a button."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from app.accounts.models import User
from app.accounts.queries import Looking

EDITING = timedelta(minutes=15)


class Line(Protocol):
    """What of a line the answers depend on."""

    @property
    def sender_id(self) -> int | None: ...

    @property
    def created_at(self) -> datetime: ...

    @property
    def deleted_at(self) -> datetime | None: ...


def can_start(viewer: Looking, member: User) -> bool:
    """With everybody else who signs in; who has no e-mail is reached through the coordinators."""
    return viewer.id not in (0, member.id) and member.email is not None


def can_edit(user_id: int, line: Line, moment: datetime) -> bool:
    return can_delete(user_id, line) and moment < line.created_at + EDITING


def can_delete(user_id: int, line: Line) -> bool:
    return line.sender_id == user_id and line.deleted_at is None
