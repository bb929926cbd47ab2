"""The two blueprints of this package, and what their views begin with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, abort, redirect, url_for
from werkzeug.wrappers import Response

from app.accounts.viewer import me
from app.core.db import AnyRow, db
from app.exchange.models import Exchange
from app.exchange.queries import exchanges as exchange_queries
from app.exchange.queries import posts as post_queries

posts_blueprint = Blueprint("posts", __name__, url_prefix="/posts")
exchanges_blueprint = Blueprint("exchanges", __name__, url_prefix="/exchanges")


def post_or_404(post_id: int) -> AnyRow:
    """The post as queries.posts.post_for gives it; what the viewer may not see does not exist."""
    return db.session.execute(post_queries.post_for(me, post_id)).one_or_none() or abort(404)


def exchange_or_404(exchange_id: int) -> Exchange:
    """One of the viewer's exchanges; those of others do not exist."""
    return db.session.scalar(exchange_queries.exchange_for(me, exchange_id)) or abort(404)


def side_of(sides: Iterable[Any]) -> Any:
    """The viewer's own side."""
    return next(side for side in sides if side.user_id == me.id)


def back_to(exchange_id: int) -> Response:
    return redirect(url_for("exchanges.show", exchange_id=exchange_id), 303)
