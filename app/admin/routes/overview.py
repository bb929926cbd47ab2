"""The first page: what there is to look after, and whether the site is looked after."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.admin.routes.blueprint import blueprint
from app.core import backups, outbox


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("admin/index.html", backup=backups.state(), mail=outbox.delivery())
