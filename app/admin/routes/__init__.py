"""The coordinators' pages, a module for each."""

from app.admin.routes import overview, reports
from app.admin.routes.blueprint import blueprint

__all__ = ["blueprint", "overview", "reports"]
