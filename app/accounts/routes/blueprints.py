"""The two blueprints of this package, in a module of their own so that every view module can import them."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
settings_blueprint = Blueprint("settings", __name__, url_prefix="/settings")
