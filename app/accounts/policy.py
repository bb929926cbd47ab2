"""What a member may do to whom; templates ask the same functions before they draw a button."""

from __future__ import annotations

from app.accounts.queries import Looking


def can_block(viewer: Looking, member_id: int) -> bool:
    """Everybody but oneself, coordinators included."""
    return viewer.id not in (0, member_id)
