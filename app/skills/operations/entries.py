"""What one member offers and wants. Every key holds the member's own id: nobody reaches another's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, func, select, update

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.skills.levels import USUAL_LEVEL, USUAL_PRIORITY
from app.skills.models import MERGED, Skill, UserSkill

AT_MOST = 50


@dataclass(frozen=True)
class Details:
    """`level` 1 to 5, `priority` 1 to 3; `until` is the moment at which the entry ends by itself."""

    level: int
    priority: int = USUAL_PRIORITY
    note: str = ""
    until: datetime | None = None
    paused: bool = False


def add(user_id: int, kind: str, skill_id: int, details: Details) -> bool:
    """Puts a skill on the member's list; False when it is there already, and then it stays as it is.

    Raises DomainError (field "skill") for a skill that cannot be chosen, and when the list is full.
    """
    skill = require_choosable(skill_id)
    _lock_list(user_id)
    if db.session.get(UserSkill, (user_id, kind, skill_id)):
        return False
    if _length(user_id, kind) >= AT_MOST:
        raise DomainError(_("There is room for %(max)d skills here. Remove one first.", max=AT_MOST), "skill")
    db.session.add(
        UserSkill(
            user_id=user_id,
            kind=kind,
            skill_id=skill.id,
            level=details.level,
            priority=details.priority,
            note=details.note,
            expires_at=details.until,
            paused_at=now() if details.paused else None,
        )
    )
    db.session.flush()
    return True


def add_several(user_id: int, kind: str, skill_ids: Sequence[int]) -> int:
    """Puts all of them on the list, at the usual level; how many were new. Raises DomainError as `add` does."""
    usual, chosen = Details(USUAL_LEVEL[kind]), sorted(set(skill_ids))
    for skill_id in chosen:
        require_choosable(skill_id)
    return sum(add(user_id, kind, skill_id, usual) for skill_id in chosen)


def require_choosable(skill_id: int) -> Skill:
    """The skill, which nobody merges until the transaction ends. Raises DomainError (field "skill")."""
    choosing = select(Skill).where(Skill.id == skill_id).with_for_update(read=True)
    skill = db.session.scalar(choosing.execution_options(populate_existing=True))
    if skill is None:
        raise DomainError(_("That skill is not in the catalogue. Choose another one."), "skill")
    if skill.state == MERGED:
        became = db.session.scalar(select(Skill.name).where(Skill.id == skill.merged_into_id))
        raise DomainError(_("“%(old)s” is called “%(new)s” now. Choose that one.", old=skill.name, new=became), "skill")
    return skill


def change(user_id: int, kind: str, skill_id: int, details: Details) -> bool:
    """Sets everything but the pause, which has its own switch; whether there is such an entry."""
    return _set(
        user_id,
        kind,
        skill_id,
        level=details.level,
        priority=details.priority,
        note=details.note,
        expires_at=details.until,
    )


def pause(user_id: int, kind: str, skill_id: int) -> bool:
    """Hides the entry from others; whether there is such an entry. Twice is as good as once."""
    return _set(user_id, kind, skill_id, paused_at=now())


def resume(user_id: int, kind: str, skill_id: int) -> bool:
    return _set(user_id, kind, skill_id, paused_at=None)


def remove(user_id: int, kind: str, skill_id: int) -> Details | None:
    """Takes the entry off the list; what it held, for whoever wants it back, or None when it was gone."""
    going = delete(UserSkill).where(*_key(user_id, kind, skill_id)).returning(UserSkill)
    held = db.session.scalar(going)
    if held is None:
        return None
    return Details(held.level, held.priority, held.note, held.expires_at, held.paused_at is not None)


def forget_member(user_id: int) -> None:
    """Takes the lists of an account that is emptied away; skills that it proposed stay, without its name."""
    db.session.execute(delete(UserSkill).where(UserSkill.user_id == user_id))
    db.session.execute(update(Skill).where(Skill.proposed_by_id == user_id).values(proposed_by_id=None))


def _lock_list(user_id: int) -> None:
    """Two additions at once are counted one after the other.

    Skills are locked before members, as whoever merges two skills does it.
    """
    db.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def _length(user_id: int, kind: str) -> int:
    counting = select(func.count()).select_from(UserSkill)
    return db.session.scalar(counting.where(UserSkill.user_id == user_id, UserSkill.kind == kind)) or 0


def _set(user_id: int, kind: str, skill_id: int, **values: Any) -> bool:
    changing = update(UserSkill).where(*_key(user_id, kind, skill_id)).values(**values)
    return db.session.scalar(changing.returning(UserSkill.skill_id)) is not None


def _key(user_id: int, kind: str, skill_id: int) -> tuple[ColumnElement[bool], ...]:
    return UserSkill.user_id == user_id, UserSkill.kind == kind, UserSkill.skill_id == skill_id
