"""Backups seen from the site: administrators are told once when none was made for a day, or none copied elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.accounts.models import User
from app.community.operations import settings
from app.core import backups
from app.core.backups import LATEST
from app.core.clock import now
from app.core.db import db
from app.core.registry import NoticeKind, Tick
from app.notices.models import MAIL
from app.notices.operations import tell_all

ADMIN = "admin"
STALE = "backup_stale"
URL = "/admin"
# What is missing: nothing was made, or nothing was copied elsewhere.
MADE, COPIED = "made", "copied"


def sentence(params: dict[str, Any]) -> str:
    if params["missing"] == COPIED:
        return _("The backups are no longer copied to another place. Have a look at the server.")
    if params["last"]:
        return _("No backup was made for more than a day. Have a look at the server.")
    return _("There is no backup yet. Set one up for every night; docs/backup.md says how.")


NOTICE_KIND = NoticeKind(
    STALE,
    "archive",
    _l("Backups"),
    sentence,
    default=MAIL,
    help=_l("When no backup was made for more than a day."),
    roles=frozenset({ADMIN}),
)


def watch() -> int:
    """A tick: how many administrators were told. Each missing backup is told of once, by the one before it."""
    state = backups.state()
    missing = MADE if state.is_stale else COPIED if state.is_copy_stale else ""
    if not missing or _is_new(state):
        db.session.rollback()
        return 0
    admins = select(User.id).where(User.role == ADMIN, User.is_visible)
    params = {"missing": missing, "last": state.made_at is not None}
    key = f"{STALE}:{missing}:{state.name if missing == MADE else state.copy_name}"
    told = tell_all(list(db.session.scalars(admins)), STALE, params, URL, key)
    db.session.commit()
    return told


TICK = Tick("watch backups", timedelta(minutes=30), watch)


def _is_new(state: backups.BackupState) -> bool:
    """A community has its first day to get its first backup."""
    return state.made_at is None and now() - settings().created_at < LATEST
