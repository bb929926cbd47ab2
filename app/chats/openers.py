"""A first sentence for two who have not written to each other yet, made of what they have in common."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.core.clock import now
from app.core.db import AnySelect, db
from app.skills.models import OFFER, WANT, Skill, UserSkill
from app.skills.queries import is_current

MOST = 3


def openers_for(viewer_id: int, member_id: int, member_name: str) -> list[str]:
    """Up to three texts, the most fitting first; the last one fits everybody."""
    meetings = db.session.execute(_meetings(viewer_id, member_id)).all()
    greeting = _("Hello %(name)s,", name=member_name)
    learn = [row.name for row in meetings if row.kind == OFFER]
    teach = [row.name for row in meetings if row.kind == WANT]
    texts: list[str] = []
    if learn and teach:
        swap = _(
            "you offer %(theirs)s, which I would like to learn, and I could help you with %(mine)s. "
            "Shall we find a time to meet?",
            theirs=learn[0],
            mine=teach[0],
        )
        texts.append(swap)
    if learn:
        texts.append(_("I would like to learn %(skill)s. Would you have an hour to show me?", skill=learn[0]))
    if teach:
        texts.append(_("I saw that you would like to learn %(skill)s. I could help you with it.", skill=teach[0]))
    if not texts:
        texts.append(_("I saw your page and would like to get to know you. Do you have time for a chat?"))
    return [f"{greeting}\n{text}" for text in texts[:MOST]]


def _meetings(viewer_id: int, member_id: int) -> AnySelect:
    """What one of the two offers and the other wants: kind (of the member's entry), name; what matters most first."""
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    moment = now()
    return (
        select(theirs.kind, Skill.name)
        .join(mine, (mine.skill_id == theirs.skill_id) & (mine.kind != theirs.kind))
        .join(Skill, Skill.id == theirs.skill_id)
        .where(theirs.user_id == member_id, mine.user_id == viewer_id, theirs.kind.in_((OFFER, WANT)))
        .where(is_current(moment, mine), is_current(moment, theirs))
        .order_by((mine.priority + theirs.priority).desc(), Skill.name)
    )
