"""The texts of what is reported, as they are at this moment: they may be changed or gone when a moderator looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.accounts.models import User
from app.core.db import db
from app.reports.models import MEMBER, MESSAGE
from app.reports.operations import Subject
from app.skills.models import KINDS
from app.skills.queries import skills_of


def profile_of(member: User) -> Subject:
    """A member's page: what it says, and the skills with their notes."""
    texts = [(part, getattr(member, part)) for part in ("name", "pronouns", "location", "bio")]
    rows = db.session.execute(skills_of([member.id])).all()
    for kind in KINDS:
        skills = [f"{row.name} ({row.note})" if row.note else row.name for row in rows if row.kind == kind]
        texts.append((kind, "\n".join(skills)))
    return Subject(MEMBER, member.id, member.id, [(part, text) for part, text in texts if text])


def message_of(line: Any, sender: User, files: Iterable[Any]) -> Subject:
    """A line of a chat, a row of chats.lines.message_for, with the names of its files."""
    names = "\n".join(file.name for file in files)
    texts = [("name", sender.name), ("message", line.body), ("files", names)]
    return Subject(MESSAGE, line.id, sender.id, [(part, text) for part, text in texts if text])
