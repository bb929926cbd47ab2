"""Taking an import back within a day, as long as nobody who came with it has arrived."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.community.models import CommunitySettings
from app.core import audit
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict
from app.core.registry import registry
from app.imports.models import Import, ImportedMember
from app.imports.operations.opening import close_books
from app.imports.queries import UNDO_WITHIN, has_arrived
from app.skills.models import PROPOSED, Skill, UserSkill


def undo(import_id: int, actor_id: int) -> int:
    """Removes exactly the members who came with this import, and the skills that nobody else uses; how many members.

    Raises Conflict when it was undone before or is older than a day, when one of them has arrived, and when
    something was done with one of them that has to be kept.
    """
    db.session.execute(select(CommunitySettings.id).with_for_update())
    batch = db.session.get(Import, import_id, with_for_update=True, populate_existing=True)
    if batch is None or batch.undone_at:
        raise Conflict(_("This import was undone already."))
    if batch.created_at <= now() - UNDO_WITHIN:
        raise Conflict(_("An import can be undone for a day. Close single accounts instead."))
    came = select(ImportedMember.user_id).where(ImportedMember.import_id == import_id, ImportedMember.is_new.is_(True))
    # Their rows first: whoever arrives at this moment either waits and finds nothing, or is found below.
    db.session.execute(select(User.id).where(User.id.in_(came)).with_for_update())
    if db.session.scalar(select(exists().where(User.id.in_(came), has_arrived()))):
        raise Conflict(_("Somebody who came with this import has signed in. It cannot be undone any more."))
    close_books(batch, actor_id)
    try:
        with db.session.begin_nested():
            _give_back(batch.brought)
            gone = db.session.scalars(delete(User).where(User.id.in_(came)).returning(User.id)).all()
    except IntegrityError as error:
        raise Conflict(
            _("Something was done with one of these members that has to be kept. It cannot be undone any more.")
        ) from error
    _remove_proposals(batch.proposed_skills)
    batch.undone_at, batch.undone_by_id = now(), actor_id
    audit.record("import-undone", actor_id=actor_id, subject_id=None, detail=f"{import_id}: {len(gone)} members")
    db.session.flush()
    db.session.expire_all()
    return len(gone)


def _give_back(brought: dict[str, Any]) -> None:
    for what, taken in brought.items():
        registry().import_takers[what].give_back(taken)


def _remove_proposals(skill_ids: list[int]) -> None:
    """Those that came with the file, wait for a moderator still, and are on nobody's list."""
    used = exists().where(UserSkill.skill_id == Skill.id)
    unused = (Skill.id.in_(skill_ids), Skill.state == PROPOSED, Skill.version == 1, ~used)
    db.session.execute(delete(Skill).where(*unused), execution_options={"synchronize_session": False})
