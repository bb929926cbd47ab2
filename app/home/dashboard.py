"""What the first page shows: to a stranger why to join, to a member what waits and whom to meet."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import exists, func, select

from app.accounts.models import AvailabilitySlot, User
from app.accounts.queries import Looking, listed_for
from app.accounts.viewer import Viewer, picture_url, visit
from app.community.presets import MATCHES as MATCHES_FEATURE
from app.community.presets import POSTS as POSTS_FEATURE
from app.core.db import AnySelect, db
from app.core.switches import is_on
from app.directory.suggestions import best_matches
from app.exchange.cards import PostCard, post_cards
from app.exchange.models import Post
from app.exchange.queries import posts as post_queries
from app.home.steps import FirstStep
from app.home.welcome import for_coordinator
from app.skills import queries as skill_queries
from app.skills.models import OFFER, WANT, UserSkill

MANY = 1000
NEWCOMERS = 4
MATCHES = 3
POSTS = 4


def for_stranger() -> dict[str, Any]:
    """`skill_names` are the popular ones; `member_count_text` is exact up to 1,000."""
    some = select(User.id).where(User.is_visible).limit(MANY + 1).subquery()
    count = db.session.scalar(select(func.count()).select_from(some)) or 0
    names = [row.name for row in db.session.execute(skill_queries.popular(12))]
    return {"skill_names": names, "member_count": count, "member_count_text": "1,000+" if count > MANY else str(count)}


def for_member(viewer: Viewer) -> dict[str, Any]:
    """`steps` until all are `left` behind, the best `matches`, and `newcomers` to greet.

    `welcome` holds the first steps of a coordinator, `posts` what was put up last.
    """
    newcomers = [
        {"row": row, "picture": picture_url(row.id, row.picture_id)}
        for row in db.session.execute(newcomers_for(viewer))
    ]
    steps = first_steps(viewer)
    return {
        "welcome": for_coordinator(viewer, visit().community),
        "steps": steps,
        "left": [step for step in steps if not step.done],
        "matches": best_matches(viewer, MATCHES) if is_on(MATCHES_FEATURE) else [],
        "newcomers": newcomers,
        "posts": latest_posts(viewer) if is_on(POSTS_FEATURE) else [],
        "members_url": url_for("directory.members"),
    }


def latest_posts(viewer: Looking) -> list[PostCard]:
    """What others have put up last."""
    latest = post_queries.open_posts(viewer).where(Post.author_id != viewer.id)
    rows = db.session.execute(latest.order_by(Post.created_at.desc(), Post.id.desc()).limit(POSTS)).all()
    return post_cards(rows, signed_in=True, skills=False)


def newcomers_for(viewer: Looking) -> AnySelect:
    """The members who joined last, as far as `viewer` may be shown them."""
    columns = select(User.id, User.name, User.picture_id, User.location, User.created_at).where(listed_for(viewer))
    return columns.order_by(User.created_at.desc(), User.id.desc()).limit(NEWCOMERS)


def first_steps(viewer: Viewer) -> list[FirstStep]:
    """What a member does once, in the order in which it helps most; known from one statement."""
    known = db.session.execute(
        select(
            exists().where(UserSkill.user_id == User.id, UserSkill.kind == OFFER).label("offers"),
            exists().where(UserSkill.user_id == User.id, UserSkill.kind == WANT).label("wants"),
            exists().where(AvailabilitySlot.user_id == User.id).label("available"),
            (User.bio != "").label("bio"),
        ).where(User.id == viewer.id)
    ).one()
    skills = url_for("skills.settings")
    return [
        FirstStep(
            _("Say what you can help with"), _("People find you by it."), "gift", f"{skills}?kind=offer", known.offers
        ),
        FirstStep(
            _("Say what you would like to learn"),
            _("Then you are shown who fits both ways."),
            "bulb",
            f"{skills}?kind=want",
            known.wants,
        ),
        FirstStep(
            _("Say when you have time"),
            _("Hours in common bring matches up."),
            "clock",
            url_for("settings.availability"),
            known.available,
        ),
        FirstStep(
            _("Add a few words and a picture"),
            _("A face and two sentences open doors."),
            "photo",
            url_for("settings.profile"),
            known.bio or bool(viewer.picture),
        ),
    ]
