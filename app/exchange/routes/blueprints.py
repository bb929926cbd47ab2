"""The two blueprints of this package, and what their views begin with."""

from __future__ import annotations

from flask import Blueprint, abort

from app.accounts.viewer import me
from app.core.db import AnyRow, db
from app.exchange.queries import posts as post_queries

posts_blueprint = Blueprint("posts", __name__, url_prefix="/posts")
exchanges_blueprint = Blueprint("exchanges", __name__, url_prefix="/exchanges")


def post_or_404(post_id: int) -> AnyRow:
    """The post as queries.posts.post_for gives it; what the viewer may not see does not exist."""
    return db.session.execute(post_queries.post_for(me, post_id)).one_or_none() or abort(404)
