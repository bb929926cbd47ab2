"""What the news of the week tell of requests and offers."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select

from app.accounts.operations.mails import absolute
from app.community import presets
from app.core.db import db
from app.core.registry import NewsSource
from app.exchange.models import Post
from app.exchange.models.posts import REQUEST
from app.exchange.queries import posts as queries

SHOWN = 8


def is_any(since: datetime, until: datetime) -> bool:
    """Whether anybody has put something up that still stands."""
    week = select(Post.id).where(queries.is_on_offer(), Post.created_at > since, Post.created_at <= until)
    return db.session.scalar(week.limit(1)) is not None


def told(user_id: int, since: datetime, until: datetime) -> tuple[int, list[tuple[str, Any, str]]]:
    """What others have put up and this member may see, the latest first."""
    viewer: Any = SimpleNamespace(id=user_id)
    week = (Post.created_at > since, Post.created_at <= until, Post.author_id != user_id)
    counted = queries.open_posts(viewer).add_columns(func.count().over().label("all_of_them")).where(*week)
    rows = db.session.execute(counted.order_by(Post.created_at.desc(), Post.id.desc()).limit(SHOWN)).all()
    here = absolute("posts.index")
    items = [(row.title, _small_print(row.kind, row.place), f"{here}/{row.id}") for row in rows]
    return (rows[0].all_of_them if rows else 0), items


def heading(count: int) -> str:
    return ngettext("%(num)d new request or offer:", "%(num)d new requests and offers:", count)


def _small_print(kind: str, place: str) -> Any:
    if place:
        return _l("needed, %(place)s", place=place) if kind == REQUEST else _l("offered, %(place)s", place=place)
    return _l("needed") if kind == REQUEST else _l("offered")


SOURCE = NewsSource(presets.POSTS, heading, is_any, told)
