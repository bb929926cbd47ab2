"""The coordinators' pages, a module for each."""

from app.admin.routes import (
    approvals,
    features,
    invitations,
    overview,
    printing,
    reports,
    settings,
    setup,
    skills,
    terms,
    welcome,
)
from app.admin.routes.blueprint import blueprint
from app.admin.routes.setup import blueprint as setup_blueprint

__all__ = [
    "approvals",
    "blueprint",
    "features",
    "invitations",
    "overview",
    "printing",
    "reports",
    "settings",
    "setup",
    "setup_blueprint",
    "skills",
    "terms",
    "welcome",
]
