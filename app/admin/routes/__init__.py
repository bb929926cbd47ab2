"""The coordinators' pages, a module for each."""

from app.admin.routes import (
    approvals,
    features,
    imports,
    invitations,
    member_care,
    member_merges,
    member_skills,
    members,
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
    "imports",
    "invitations",
    "member_care",
    "member_merges",
    "member_skills",
    "members",
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
