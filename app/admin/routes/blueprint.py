"""The blueprint of all coordinators' pages: members without the role find nothing here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from app.accounts.viewer import me
from app.admin import policy

P = ParamSpec("P")
blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.before_request
def hide_from_members() -> None:
    if not policy.can_moderate(me):
        abort(404)


def for_administrators(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """A page that moderators do not find either; stands below the route."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not policy.can_administer(me):
            abort(404)
        return view(*args, **kwargs)

    return guarded
