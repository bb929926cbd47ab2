"""Which skill, added to the viewer's own, would bring how many new matches.

A skill that is wanted brings those who offer it and already want something of the viewer's; one that is offered brings
those who want it and already offer something that the viewer wants.
"""

from __future__ import annotations

from sqlalchemy import CTE, exists, func, literal, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.accounts.queries import listed_for
from app.core.db import AnySelect
from app.directory.filters import LEARN, TEACH
from app.directory.queries.binds import LOOKING, MOMENT, VIEWER
from app.directory.queries.fits import meeting, swappers
from app.skills.models import LISTED, OFFER, WANT, Skill, UserSkill
from app.skills.queries import is_current

# So many members, the last who joined, are asked what they would need; where there are more, counts are lower bounds.
ASKED = 1000
# So many hints for each of the two lists.
SHOWN = 2
UNLOCKS = {WANT: "unlocks-want", OFFER: "unlocks-offer"}


def unlocks(kind: str) -> AnySelect:
    """(kind, slug, name, sorting, skill_id, count, bounded) of the skills that bring most, once added as `kind`.

    Values: viewer, moment.
    """
    asked = _asked(kind)
    half_fitting, more, held = _half_fitting(kind, asked), aliased(UserSkill), aliased(UserSkill)
    all_of_them = select(func.count()).select_from(asked).scalar_subquery()
    members = func.count(more.user_id)
    found = (
        select(
            literal(UNLOCKS[kind]).label("kind"),
            Skill.slug,
            Skill.name,
            Skill.name_key,
            Skill.id.label("skill_id"),
            members.label("count"),
            (all_of_them >= ASKED).label("bounded"),
        )
        .join(more, more.skill_id == Skill.id)
        .join(half_fitting, half_fitting.c.id == more.user_id)
        .where(
            more.kind == (OFFER if kind == WANT else WANT),
            is_current(MOMENT, more),
            Skill.state == LISTED,
            ~exists().where(held.user_id == VIEWER, held.skill_id == Skill.id),
        )
        .group_by(Skill.id, Skill.slug, Skill.name, Skill.name_key)
        .order_by(members.desc(), Skill.name_key)
        .limit(SHOWN)
        .subquery(f"most_{kind}")
    )
    return select(found)


def _asked(kind: str) -> CTE:
    """Who fits one way at least, visible or not, the last who joined."""
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    met = meeting(LEARN if kind == WANT else TEACH, mine, theirs)
    latest = select(theirs.user_id.label("id")).where(met).group_by(theirs.user_id).order_by(theirs.user_id.desc())
    return latest.limit(ASKED).cte(f"asked_{kind}").prefix_with("MATERIALIZED")


def _half_fitting(kind: str, asked: CTE) -> CTE:
    """Those of them who would be a mutual match if only the viewer had the right skill of this kind too."""
    # Looked up one by one: for a join PostgreSQL would read all members.
    listed = select(literal(1)).where(User.id == asked.c.id, listed_for(LOOKING)).correlate(asked).scalar_subquery()
    found = select(asked.c.id).where(listed == 1, asked.c.id.not_in(swappers()))
    return found.cte(f"half_fitting_{kind}").prefix_with("MATERIALIZED")
