"""Addresses of posts and exchanges."""

from app.exchange.routes import exchanges, posts, proposals, sessions, writing
from app.exchange.routes.blueprints import exchanges_blueprint, posts_blueprint

__all__ = ["exchanges", "exchanges_blueprint", "posts", "posts_blueprint", "proposals", "sessions", "writing"]
