"""Who may open which page of the coordinators'. Whoever may not is told that there is nothing (404)."""

from __future__ import annotations

from app.accounts.viewer import Viewer


def can_moderate(viewer: Viewer) -> bool:
    """People, reports and skills."""
    return viewer.is_moderator


def can_name(viewer: Viewer, member_id: int) -> bool:
    """Who acts for an organisation can spend its hours: a moderator names others, not themselves."""
    return viewer.is_admin or (viewer.is_moderator and member_id != viewer.id)


def can_administer(viewer: Viewer) -> bool:
    """Settings, the first set-up, imports."""
    return viewer.is_admin
