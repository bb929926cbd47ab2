"""Writing posts, and what becomes of them. Nothing here commits but the tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.accounts.operations.locking import locked
from app.core import files
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError, TooMany
from app.core.models import StoredFile
from app.core.states import apply
from app.core.text import fold
from app.exchange.excerpts import excerpt_of
from app.exchange.kinds import POST_OVER
from app.exchange.models import Post, PostSkill
from app.exchange.models.posts import KINDS, MOST_MINUTES, MOST_SKILLS, OPEN
from app.exchange.queries.posts import STANDING
from app.exchange.states import CLOSE, EXPIRE, FILL, POSTS, REOPEN
from app.notices import operations as notices
from app.skills.models import Skill, SkillCategory

STANDS = timedelta(days=30)
LONGEST = timedelta(days=180)
DAY = timedelta(days=1)
MOST_A_DAY = 20
BATCH = 200
PICTURE_TYPE = "image/webp"


@dataclass(frozen=True)
class PostDetails:
    """What an author says. `until` is the last day on which the post stands, in the author's zone; None is usual."""

    kind: str
    title: str
    text: str = ""
    skill_ids: Sequence[int] = ()
    category_id: int | None = None
    place: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    minutes: int | None = None
    until: date | None = None


def publish(author_id: int, details: PostDetails, picture: bytes = b"") -> Post:
    """`picture` comes from core.images.fitted. Raises DomainError at the field at fault, TooMany beyond a limit."""
    author = locked(author_id)
    _keep_limit(author_id)
    post = Post(author_id=author_id, kind=details.kind, expires_at=now(), state=OPEN)
    _write(post, details, author.timezone)
    db.session.add(post)
    db.session.flush()
    _set_skills(post.id, details.skill_ids)
    if picture:
        post.picture_id = _stored(author_id, picture)
    db.session.flush()
    return post


def rewrite(
    author_id: int,
    post_id: int,
    version: int,
    details: PostDetails,
    picture: bytes = b"",
    *,
    drop_picture: bool = False,
) -> Post:
    """Raises Conflict when the post has moved on since it was shown, DomainError at the field at fault."""
    author = locked(author_id)
    mine = select(Post).where(Post.id == post_id, Post.author_id == author_id).with_for_update()
    post = db.session.scalars(mine.execution_options(populate_existing=True)).one()
    if post.version != version or post.state != OPEN:
        raise Conflict(_("The post was changed or closed in the meantime. Nothing was saved: look at it as it is now."))
    _write(post, details, author.timezone)
    post.version += 1
    _set_skills(post.id, details.skill_ids)
    if picture or drop_picture:
        _drop_picture(post)
    if picture:
        post.picture_id = _stored(author_id, picture)
    db.session.flush()
    return post


def fill(author_id: int, post_id: int, version: int) -> Post:
    """Somebody was found."""
    return _move(post_id, FILL, author_id, version)


def close(author_id: int, post_id: int, version: int) -> Post:
    return _move(post_id, CLOSE, author_id, version)


def reopen(author_id: int, post_id: int, version: int) -> Post:
    """It stands for another while; days that are over are taken out."""
    post = db.session.get_one(Post, post_id)
    today = now().date()
    values: dict[str, Any] = {"expires_at": now() + STANDS}
    if post.ends_on and post.ends_on < today:
        values |= {"starts_on": None, "ends_on": None}
    return _move(post_id, REOPEN, author_id, version, **values)


def expire_posts() -> int:
    """A tick: closes what has run out, and says so to its author; how many."""
    due = select(Post.id).where(Post.state == STANDING, Post.expires_at <= now()).order_by(Post.expires_at).limit(BATCH)
    ids = list(db.session.scalars(due))
    db.session.rollback()
    return sum(_expire(post_id) for post_id in ids)


def forget_member(user_id: int) -> None:
    """Posts of an account that is emptied are closed and say nothing any more."""
    for post in db.session.scalars(select(Post).where(Post.author_id == user_id).with_for_update()):
        if POSTS.allows(post.state, CLOSE):
            _move(post.id, CLOSE, None, post.version)
        _drop_picture(post)
        post.title = post.text = post.excerpt = post.words_key = post.place = post.place_key = ""
    db.session.flush()


def _expire(post_id: int) -> int:
    """Under the row's lock, so that two ticks close it once."""
    post = db.session.get_one(Post, post_id, with_for_update=True, populate_existing=True)
    if post.state != OPEN or post.expires_at > now():
        db.session.rollback()
        return 0
    closed = _move(post_id, EXPIRE, None, post.version)
    params = {"title": closed.title}
    notices.tell(closed.author_id, POST_OVER, params, f"/posts/{post_id}", f"post-over:{post_id}:{closed.version}")
    db.session.commit()
    return 1


def _move(post_id: int, action: str, actor_id: int | None, version: int, **values: Any) -> Post:
    moved: Post = apply(POSTS, post_id, action, actor_id=actor_id, version=version, **values)
    return moved


def _write(post: Post, details: PostDetails, timezone: str) -> None:
    _require_good(details)
    post.kind, post.title, post.text = details.kind, details.title, details.text
    post.excerpt = excerpt_of(details.text)
    post.place, post.place_key = details.place, fold(details.place)[:240]
    post.starts_on, post.ends_on = details.starts_on, details.ends_on or details.starts_on
    post.minutes = details.minutes
    post.category_id = details.category_id or _category_of(details.skill_ids)
    names = db.session.scalars(select(Skill.name).where(Skill.id.in_(details.skill_ids)))
    post.words_key = fold("\n".join((details.title, details.text, *names)))
    post.expires_at = _end_of(details, ZoneInfo(timezone or "UTC"))


def _require_good(details: PostDetails) -> None:
    if details.kind not in KINDS:
        raise DomainError(_("Choose whether you need or offer it."), "kind")
    if not details.title:
        raise DomainError(_("Say in a few words what it is about."), "title")
    if details.minutes is not None and not 0 < details.minutes <= MOST_MINUTES:
        raise DomainError(_("Between one minute and a hundred hours, please."), "minutes")
    if len(details.skill_ids) > MOST_SKILLS:
        raise DomainError(_("At most %(max)d skills, please.", max=MOST_SKILLS), "skills")
    if details.ends_on and not details.starts_on:
        raise DomainError(_("Say on which day it begins, too."), "starts_on")
    if details.starts_on and details.ends_on and details.ends_on < details.starts_on:
        raise DomainError(_("It cannot end before it begins."), "ends_on")


def _end_of(details: PostDetails, zone: ZoneInfo) -> datetime:
    """The midnight after its last day. Raises DomainError for a day that is over or too far away."""
    moment = now()
    last = details.ends_on or details.starts_on
    if last is not None and _midnight_after(last, zone) <= moment:
        raise DomainError(_("That day is over."), "ends_on" if details.ends_on else "starts_on")
    if details.until is not None:
        last = details.until if last is None else min(details.until, last)
        if _midnight_after(details.until, zone) <= moment:
            raise DomainError(_("That day is over."), "until")
    if last is None:
        return moment + STANDS
    ends = _midnight_after(last, zone)
    if ends > moment + LONGEST:
        field = "until" if details.until else "starts_on"
        raise DomainError(_("A post stands for half a year at most."), field)
    return ends


def _midnight_after(day: date, zone: ZoneInfo) -> datetime:
    if day.year > now().year + 2:  # far from where dates end
        return now() + LONGEST + DAY
    return datetime.combine(day + DAY, time(), zone)


def _set_skills(post_id: int, skill_ids: Sequence[int]) -> None:
    db.session.execute(delete(PostSkill).where(PostSkill.post_id == post_id))
    unique = list(dict.fromkeys(skill_ids))
    db.session.add_all(PostSkill(post_id=post_id, skill_id=each, position=n) for n, each in enumerate(unique))


def _category_of(skill_ids: Sequence[int]) -> int | None:
    """The category of the first skill that has one."""
    if not skill_ids:
        return None
    having = select(Skill.category_id).join(SkillCategory, SkillCategory.id == Skill.category_id)
    return db.session.scalar(having.where(Skill.id.in_(skill_ids)).limit(1))


def _stored(author_id: int, picture: bytes) -> int:
    return files.store(picture, owner_id=author_id, name="picture.webp", media_type=PICTURE_TYPE).id


def _drop_picture(post: Post) -> None:
    old_id, post.picture_id = post.picture_id, None
    db.session.flush()
    if old_id is not None:
        db.session.execute(delete(StoredFile).where(StoredFile.id == old_id))


def _keep_limit(author_id: int) -> None:
    recent = select(func.count()).where(Post.author_id == author_id, Post.created_at > now() - DAY)
    if (db.session.scalar(recent) or 0) >= MOST_A_DAY:
        text = _("You have written %(num)d posts within a day. Please go on tomorrow.", num=MOST_A_DAY)
        raise TooMany(text, int(DAY.total_seconds()))
