"""Reading posts. Those of members whom the viewer may not see, or who take a break, do not exist."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, literal_column, or_, select, union_all
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.accounts.queries import Looking, visible_to
from app.core.clock import now
from app.core.db import AnySelect, db
from app.core.models import StoredFile
from app.core.text import like_pattern
from app.exchange.models import Post, PostEvent, PostSkill
from app.exchange.models.posts import OPEN
from app.skills.models import Skill, SkillCategory

MOST_OPTIONS = 40
CATEGORY, PLACE = "category", "place"
# Written out, because SQLite does not see that a value which is bound later fits the index of open posts.
STANDING: ColumnElement[str] = literal_column(f"'{OPEN}'")


@dataclass(frozen=True)
class PostFilters:
    """`words` are folded; `skill` is a slug; `place` a folded place."""

    kind: str = ""
    category: str = ""
    skill: str = ""
    place: str = ""
    words: Sequence[str] = ()


def open_posts(viewer: Looking, filters: PostFilters | None = None) -> AnySelect:
    """Open posts, sorted by the caller: what `_columns` gives."""
    wanted: list[ColumnElement[bool]] = [is_on_offer(), _author_shown_to(viewer)]
    return _columns().where(*wanted, *_conditions(filters or PostFilters(), is_member=viewer.id != 0))


def own_posts(viewer: Looking) -> AnySelect:
    """The viewer's own posts in any state."""
    return _columns().where(Post.author_id == viewer.id)


def post_for(viewer: Looking, post_id: int) -> AnySelect:
    """One post: an own one, or one of a member whom the viewer may see; who took part in an exchange that came of it
    has that. Also text, version, expires_at and the author's email-lessness (`offline`)."""
    shown = or_(Post.author_id == viewer.id, _author_shown_to(viewer))
    more = (Post.text, Post.version, Post.expires_at, Post.updated_at, User.email.is_(None).label("offline"))
    return _columns().add_columns(*more, SkillCategory.slug.label("category_slug")).where(Post.id == post_id, shown)


def own_post(viewer: Looking, post_id: int) -> Select[Post]:
    """The viewer's own post as a row, for editing."""
    return select(Post).where(Post.id == post_id, Post.author_id == viewer.id)


def skills_of(post_ids: Collection[int]) -> AnySelect:
    """The skills of these posts as they are called now: post_id, id, name, slug."""
    current = aliased(Skill)
    return (
        select(PostSkill.post_id, current.id, current.name, current.slug)
        .join(Skill, Skill.id == PostSkill.skill_id)
        .join(current, current.id == func.coalesce(Skill.merged_into_id, Skill.id))
        .where(PostSkill.post_id.in_(post_ids))
        .order_by(PostSkill.post_id, PostSkill.position)
    )


def options(viewer: Looking) -> Any:
    """What open posts can be filtered by: what, value, label, count; in the order of their labels."""
    shown = (is_on_offer(), _author_shown_to(viewer))
    categories = (
        select(
            literal(CATEGORY).label("what"),
            SkillCategory.slug.label("value"),
            SkillCategory.name.label("label"),
            func.count().label("count"),
        )
        .join(Post, Post.category_id == SkillCategory.id)
        .join(User, User.id == Post.author_id)
        .where(*shown)
        .group_by(SkillCategory.slug, SkillCategory.name)
    )
    places = (
        select(literal(PLACE).label("what"), Post.place_key.label("value"), func.min(Post.place), func.count())
        .join(User, User.id == Post.author_id)
        .where(*shown, Post.place_key != "")
        .group_by(Post.place_key)
    )
    return union_all(categories, places).order_by("what", "label").limit(MOST_OPTIONS)


def picture_for(viewer: Looking, post_id: int, picture_id: int) -> AnySelect:
    """The picture of a post that the viewer may see: sha256, media_type."""
    shown = or_(Post.author_id == viewer.id, _author_shown_to(viewer))
    return (
        select(StoredFile.sha256, StoredFile.media_type)
        .join(Post, Post.picture_id == StoredFile.id)
        .join(User, User.id == Post.author_id)
        .where(Post.id == post_id, StoredFile.id == picture_id, shown)
    )


def is_on_offer(moment: datetime | None = None) -> ColumnElement[bool]:
    """Open, and not run out: the tick closes it a little later.

    Few of those that are open are over, so their end is no way to look for them: coalesce keeps the index of the list.
    """
    return and_(Post.state == STANDING, func.coalesce(Post.expires_at, Post.created_at) > (moment or now()))


def in_use() -> AnySelect:
    """Open posts of anybody, the latest first: id, title."""
    return select(Post.id, Post.title).where(is_on_offer()).order_by(Post.id.desc())


def export(user_id: int) -> dict[str, Any]:
    """The member's own posts, as JSON-ready values."""
    rows = db.session.execute(own_posts(_Member(user_id)).add_columns(Post.text, Post.expires_at).order_by(Post.id))
    posts = rows.all()
    skills: dict[int, list[str]] = {}
    for row in db.session.execute(skills_of([post.id for post in posts])):
        skills.setdefault(row.post_id, []).append(row.name)
    told = [
        {
            "kind": post.kind,
            "title": post.title,
            "text": post.text,
            "place": post.place,
            "starts_on": post.starts_on.isoformat() if post.starts_on else None,
            "ends_on": post.ends_on.isoformat() if post.ends_on else None,
            "minutes": post.minutes,
            "skills": skills.get(post.id, []),
            "state": post.state,
            "created_at": post.created_at.isoformat(),
            "expires_at": post.expires_at.isoformat(),
        }
        for post in posts
    ]
    return {"posts": told}


def history_of(post_id: int) -> AnySelect:
    """What was done with a post, the latest first: action, reason, at."""
    return select(PostEvent.action, PostEvent.at).where(PostEvent.row_id == post_id).order_by(PostEvent.id.desc())


@dataclass(frozen=True)
class _Member:
    id: int


def _columns() -> AnySelect:
    """id, kind, state, title, place, starts_on, ends_on, minutes, picture_id, created_at, excerpt,
    category; author_id, name, author_picture_id."""
    return (
        select(
            Post.id,
            Post.kind,
            Post.state,
            Post.title,
            Post.excerpt,
            Post.place,
            Post.starts_on,
            Post.ends_on,
            Post.minutes,
            Post.picture_id,
            Post.created_at,
            Post.author_id,
            User.name,
            User.picture_id.label("author_picture_id"),
            SkillCategory.name.label("category"),
        )
        .join(User, User.id == Post.author_id)
        .outerjoin(SkillCategory, SkillCategory.id == Post.category_id)
    )


def _author_shown_to(viewer: Looking) -> ColumnElement[bool]:
    """Also one's own: what stands in the list is what others see."""
    return and_(visible_to(viewer), User.paused_at.is_(None))


def _conditions(filters: PostFilters, *, is_member: bool) -> list[ColumnElement[bool]]:
    """Strangers do not see places, so they do not find anything by them."""
    found: list[ColumnElement[bool]] = []
    if filters.kind:
        found.append(Post.kind == filters.kind)
    if filters.category:
        chosen = select(SkillCategory.id).where(SkillCategory.slug == filters.category)
        found.append(Post.category_id == chosen.scalar_subquery())
    if filters.place and is_member:
        found.append(Post.place_key == filters.place)
    if filters.skill:
        found.append(exists().where(PostSkill.post_id == Post.id, PostSkill.skill_id.in_(_meant_by(filters.skill))))
    columns = (Post.words_key, Post.place_key) if is_member else (Post.words_key,)
    for word in filters.words:
        found.append(or_(*(column.like(like_pattern(word), escape="\\") for column in columns)))
    return found


def _meant_by(slug: str) -> AnySelect:
    """The skill at this address, what it became, and all that became it."""
    target = select(func.coalesce(Skill.merged_into_id, Skill.id)).where(Skill.slug == slug).scalar_subquery()
    other = aliased(Skill)
    return select(other.id).where(or_(other.id == target, other.merged_into_id == target))
