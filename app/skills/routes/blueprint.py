"""The blueprint that both halves of the routes add to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("skills", __name__)
