"""What a member may do to whom; templates ask the same functions before they draw a button."""

from __future__ import annotations

from typing import Any, Protocol

from app.accounts.models import TO_MEMBERS
from app.accounts.queries import Looking
from app.accounts.viewer import Viewer


def can_block(viewer: Looking, member_id: int) -> bool:
    """Everybody but oneself, coordinators included."""
    return viewer.id not in (0, member_id)


class Member(Protocol):
    """What of a member the answers depend on."""

    @property
    def id(self) -> int: ...

    @property
    def role(self) -> str: ...

    @property
    def email(self) -> str | None: ...

    @property
    def is_verified(self) -> bool: ...


def can_care_for(viewer: Viewer, member: Member) -> bool:
    """Write down what a member says, pause, approve: moderators for everybody but administrators."""
    return viewer.is_admin or (viewer.is_moderator and member.role != "admin")


def can_disable(viewer: Viewer, member: Member) -> bool:
    """Moderators switch members off and on; a moderator's or an administrator's account takes an administrator."""
    return viewer.id != member.id and (viewer.is_admin or (viewer.is_moderator and member.role == "member"))


def can_act_for(viewer: Viewer, member: Member) -> bool:
    """Keep the lists of a member who cannot sign in, and offer the sign-in: not of those who look after themselves."""
    return can_care_for(viewer, member) and not member.email


def can_merge(viewer: Viewer, kept: Member, duplicate: Member) -> bool:
    """Two who both sign in can be told apart by administrators only: it decides which password counts."""
    if viewer.id in (kept.id, duplicate.id):
        return False
    if signs_in(kept) and signs_in(duplicate) and not viewer.is_admin:
        return False
    return can_care_for(viewer, kept) and can_care_for(viewer, duplicate)


def signs_in(member: Member) -> bool:
    """Whether the address is the member's own, and what is done with it the member's business."""
    return bool(member.email) and member.is_verified


def can_take_apart(viewer: Viewer, kept: Member) -> bool:
    return can_care_for(viewer, kept) and viewer.id != kept.id


def can_see_phone(viewer: Looking, member: Any) -> bool:
    """The member, coordinators, and all members where the member wants that; never a stranger."""
    if not viewer.id or not member.phone:
        return False
    coordinator = getattr(viewer, "is_moderator", False)
    return viewer.id == member.id or coordinator or member.phone_visibility == TO_MEMBERS
