"""The first page: what there is to look after, and whether the site is looked after."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.admin.routes.blueprint import blueprint
from app.community.presets import HOURS
from app.core import backups, outbox
from app.core.switches import is_on
from app.wallet import keeping


@blueprint.get("")
def index() -> ResponseReturnValue:
    books = keeping.last_check() if is_on(HOURS) else None
    return render_template("admin/index.html", backup=backups.state(), mail=outbox.delivery(), books=books)
