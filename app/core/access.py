"""Who may ask at all: every view is for signed-in members unless it says `@public`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import BadRequest, Forbidden, Unauthorized
from werkzeug.routing import IntegerConverter, Map

from app.core.text import has_forbidden

View = TypeVar("View", bound=Callable[..., Any])
# What a signed-in member may still have to take: agreeing to the newest terms, and a coordinator's yes.
AGREEMENT, APPROVAL = "agreement", "approval"
HURDLES = {AGREEMENT: "accounts.terms", APPROVAL: "accounts.waiting"}
LARGEST_ID = 2**63 - 1


class CappedInteger(IntegerConverter):
    """Ids in addresses stay within what the database can hold; a larger one is no address (404)."""

    regex = r"\d{1,19}"

    def __init__(self, url_map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = None) -> None:
        super().__init__(url_map, fixed_digits, min, LARGEST_ID if max is None else max)


def public(view: View) -> View:
    """Opens `view` to everybody; leave it out and the view is private."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def is_public(endpoint: str | None) -> bool:
    return bool(getattr(current_app.view_functions.get(endpoint or ""), "is_public", False))


def within_reach(*hurdles: str) -> Callable[[View], View]:
    """Leaves a view open to members who have these hurdles before them; every other view sends them there."""

    def mark(view: View) -> View:
        view.within_reach = frozenset(hurdles)  # type: ignore[attr-defined]
        return view

    return mark


def is_within_reach(endpoint: str, path: str, viewer: Any) -> bool:
    """One's own settings and page can be looked after while a coordinator's answer is awaited."""
    if not viewer.hurdle or viewer.hurdle in _reach_of(endpoint):
        return True
    own = rf"/settings(/.*)?|/members/{viewer.id}(/picture/\d+)?"
    return viewer.hurdle == APPROVAL and re.fullmatch(own, path) is not None


def _reach_of(endpoint: str | None) -> frozenset[str]:
    found: frozenset[str] = getattr(current_app.view_functions.get(endpoint or ""), "within_reach", frozenset())
    return found


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = CappedInteger
    app.before_request(refuse_unstorable)
    app.before_request(require_sign_in)
    app.before_request(require_admission)


def refuse_unstorable() -> None:
    """A NUL or another control character in an address fits no column and no search: it is a damaged request."""
    if has_forbidden(request.path) or any(has_forbidden(v) for _k, v in request.args.items(multi=True)):
        raise BadRequest


def require_sign_in() -> ResponseReturnValue | None:
    if request.endpoint is None or is_public(request.endpoint) or current_user.is_authenticated:
        return None
    return ask_to_sign_in()


def require_admission() -> ResponseReturnValue | None:
    """Sends a member to the hurdle that comes first, and back again; what would change something is refused."""
    if request.endpoint is None or _reach_of(request.endpoint) >= set(HURDLES):
        return None  # without asking who is looking: probes must be answered without the database too
    if is_within_reach(request.endpoint, request.path, current_user):
        return None
    if request.method not in {"GET", "HEAD"}:
        raise Forbidden
    here = request.full_path.rstrip("?")
    return redirect(url_for(HURDLES[current_user.hurdle], next=here if here != "/" else None), 303)


def ask_to_sign_in() -> ResponseReturnValue:
    """To the sign-in page and back again; a request that wanted to change something cannot be repeated, so: 401."""
    if request.method not in {"GET", "HEAD"}:
        raise Unauthorized
    if request.headers.get("HX-Request") == "true":
        return _take_whole_page_to_sign_in()
    here = request.full_path.rstrip("?")
    return redirect(url_for("accounts.sign_in", next=here if here != "/" else None), 303)


def _take_whole_page_to_sign_in() -> ResponseReturnValue:
    """A part of a page holds no sign-in form: htmx follows this header with the page that asked for the part."""
    return "", 204, {"HX-Redirect": url_for("accounts.sign_in", next=_page_asked_from() or None)}


def _page_asked_from() -> str:
    try:
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:  # half of an IPv6 address, for one
        return ""
    return local_path(f"{page.path}?{page.query}".rstrip("?"))


def local_path(target: str | None) -> str:
    """`target` if it leads to a page of this site, otherwise "" (an open redirect is a gift to phishers)."""
    if not target or not re.fullmatch(r"/(?![/\\])[^\\]*", target) or has_forbidden(target) or re.search(r"\s", target):
        return ""
    return target
