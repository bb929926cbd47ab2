"""Pages of the catalogue and of one's own list."""

from app.skills.routes import catalogue, entries
from app.skills.routes.blueprint import blueprint

__all__ = ["blueprint", "catalogue", "entries"]
