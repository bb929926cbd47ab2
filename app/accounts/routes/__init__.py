"""The gate (joining, signing in, links in mails), one's settings, and blocking somebody."""

from app.accounts.routes import (
    account,
    blocks,
    claim,
    email_change,
    gate,
    invited,
    profile,
    recovery,
    sessions,
    terms,
    verification,
    week,
)
from app.accounts.routes.blueprints import blueprint, settings_blueprint

__all__ = [
    "account",
    "blocks",
    "blueprint",
    "claim",
    "email_change",
    "gate",
    "invited",
    "profile",
    "recovery",
    "sessions",
    "settings_blueprint",
    "terms",
    "verification",
    "week",
]
