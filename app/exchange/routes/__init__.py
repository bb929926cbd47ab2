"""Addresses of posts and exchanges."""

from app.exchange.routes import posts, writing
from app.exchange.routes.blueprints import exchanges_blueprint, posts_blueprint

__all__ = ["exchanges_blueprint", "posts", "posts_blueprint", "writing"]
