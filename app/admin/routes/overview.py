"""The first page: what there is to look after."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.admin.routes.blueprint import blueprint


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("admin/index.html")
