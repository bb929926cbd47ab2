"""What the members of the demo community need, offer and have agreed: posts, and exchanges in every state."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.community.demo import is_among_colleagues
from app.core.db import db


def rows_of(name: str, preset: str) -> list[dict[str, Any]]:
    """The entries of a file of this folder, as such a community has them."""
    told: dict[str, list[dict[str, Any]]] = tomllib.loads(Path(__file__).with_name(name).read_text())
    return told["colleagues" if is_among_colleagues(preset) else "neighbours"]


def ids_by_key() -> dict[str, int]:
    """The members by what stands before "@example.org" in their addresses."""
    found = db.session.execute(select(User.email_key, User.id).where(User.email_key.is_not(None)))
    return {str(address).partition("@")[0]: user_id for address, user_id in found}
