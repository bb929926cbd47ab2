"""The directory on paper, for those who like it better: a page that prints as A4."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.admin.routes.blueprint import blueprint
from app.core.clock import now
from app.directory.booklet import booklet


@blueprint.get("/print")
def print_directory() -> ResponseReturnValue:
    chosen = {name: request.args.get(name, "") for name in ("category", "place")}
    return render_template(
        "admin/print.html", booklet=booklet(**chosen), chosen=chosen, today=now(), address=url_for(".print_directory")
    )
