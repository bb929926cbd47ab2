"""The five first steps of a coordinator, on the dashboard until they are done or put away."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.viewer import Community, Viewer
from app.community.colours import DEFAULT
from app.core.db import db
from app.home.steps import FirstStep

FIRST_MEMBERS = 3


def for_coordinator(viewer: Viewer, community: Community) -> list[FirstStep]:
    """The steps for an administrator as long as one is left; one statement, none for anybody else."""
    if not viewer.is_admin or community.welcomed_at is not None:
        return []
    steps = _steps(community, _has_members())
    return steps if any(not step.done for step in steps) else []


def _has_members() -> bool:
    """Whether three more than the coordinator are here."""
    some = select(User.id).where(User.is_visible).limit(FIRST_MEMBERS + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(some)) or 0) > FIRST_MEMBERS


def _steps(community: Community, has_members: bool) -> list[FirstStep]:
    settings = url_for("admin.settings")
    return [
        FirstStep(
            _("Say what it is called and where it is"),
            _("Visitors see it first."),
            "map-pin",
            settings,
            bool(community.place),
        ),
        FirstStep(
            _("Choose what is switched on"),
            _("Members see only what they need."),
            "adjustments-horizontal",
            url_for("admin.features"),
            community.preset != "everything" or bool(community.switches),
        ),
        FirstStep(
            _("Check that mail leaves"),
            _("No test mail has left yet; invitations would wait."),
            "mail",
            url_for("admin.test_mail"),
            community.mail_tested_at is not None,
            urgent=True,
        ),
        FirstStep(
            _("Give it a logo or a colour"),
            _("So that it feels like home."),
            "palette",
            settings,
            community.logo_id is not None or community.colour != DEFAULT,
        ),
        FirstStep(
            _("Bring the first members"), _("Three are enough."), "users", url_for("admin.bring_members"), has_members
        ),
    ]
