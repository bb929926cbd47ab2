"""Addresses of the directory: the search, and the matches both ways and one way."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.viewer import me, visit
from app.core.access import ask_to_sign_in, public
from app.directory import browsing, policy

blueprint = Blueprint("directory", __name__)


@blueprint.get("/members")
@public
def members() -> ResponseReturnValue:
    if not policy.can_browse(me, visit().community):
        return ask_to_sign_in()
    return render_template("directory/members.html", **browsing.members_page(me, request.args))


@blueprint.get("/matches")
def matches() -> str:
    if me.paused:
        return render_template("directory/paused.html")
    return render_template("directory/matches.html", **browsing.mutual_page(me, request.args))


@blueprint.get("/matches/one-way")
def one_way_matches() -> str:
    if me.paused:
        return render_template("directory/paused.html")
    return render_template("directory/one_way.html", **browsing.one_way_page(me, request.args))
