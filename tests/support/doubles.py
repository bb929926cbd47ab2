"""A member who is there twice, with something in every table that a merge touches."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.accounts.availability import Slot
from app.accounts.invitations import InvitationUse, TermsAcceptance
from app.accounts.models import Block, User
from app.accounts.operations import Link, Record, add_offline, change_availability, make_link
from app.community.terms import TermsVersion
from app.core import files
from app.core.clock import now
from app.core.db import db
from app.reports.models import Report
from app.skills.models import UserSkill
from tests.directory.people import skill_id
from tests.world import World

# What a merge may leave behind: what it is about, who did it, and when a row was touched.
BESIDE = {"member_merges", "audit_events", "email_outbox", "leases", "user_sessions", "sign_in_attempts"}
MOVING = {"updated_at", "last_seen_at", "address"}


def add_double(ids: World, name: str = "Alice A.") -> int:
    """Alice once more, offline, with rows beside hers and others like hers; all but her have agreed. Commits."""
    phone = ("+34 600 111 222", "members")
    record = Record(name, None, *phone, "Weir Side", ("en", "es"), "she", "Likes bread.", "Key 7.")
    double = add_offline(record, ids.mod).id
    for kind, skill, level in (("offer", "Python", 5), ("offer", "Chess", 2), ("want", "Knitting", 1)):
        db.session.add(UserSkill(user_id=double, kind=kind, skill_id=skill_id(skill), level=level, priority=3))
    db.session.add_all([Block(blocker_id=double, blocked_id=ids.carol), Block(blocker_id=ids.admin, blocked_id=double)])
    make_link(double, Link("Hers", 5, 14))
    theirs = make_link(ids.mod, Link("Fair", 5, 14))
    terms = TermsVersion(number=1, text="Be kind.", published_at=now())
    db.session.add(terms)
    db.session.flush()
    agreed = (double, ids.bob, ids.carol, ids.mod, ids.admin)
    db.session.add_all(TermsAcceptance(user_id=user_id, terms_version_id=terms.id) for user_id in agreed)
    db.session.add(InvitationUse(user_id=double, invitation_id=theirs.id))
    theirs.uses = 1
    db.session.add_all(
        Report(reporter_id=reporter, reported_id=reported, subject_id=reported, reason="spam")
        for reporter, reported in ((double, ids.bob), (ids.bob, double), (ids.carol, double), (ids.carol, ids.alice))
    )
    change_availability(double, "Europe/Madrid", [Slot(0, 19 * 60, 22 * 60), Slot(2, 0, 60)])
    picture = files.store(b"RIFF picture", owner_id=double, name="picture.webp", media_type="image/webp")
    db.session.get_one(User, double).picture_id = picture.id
    db.session.commit()
    db.session.remove()
    return double


def everything() -> dict[str, list[Any]]:
    """All rows that say anything about members, without when they were touched and the ids of rows made anew."""
    db.session.rollback()
    rows: dict[str, list[Any]] = {}
    for table in db.metadata.sorted_tables:
        if table.name in BESIDE:
            continue
        columns = [
            column
            for column in table.columns
            if column.name not in MOVING and not (table.name == "availability_slots" and column.name == "id")
        ]
        rows[table.name] = sorted((tuple(row) for row in db.session.execute(select(*columns))), key=repr)
    db.session.rollback()
    return rows
