"""A form that is sent twice is done once: views that move money or state carry a token, and `once` keeps the answer.

The key is claimed in the transaction of the view, so a second request with it waits for the first and then gets its
answer. What fails is rolled back with its claim and can be tried again.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from werkzeug.exceptions import BadRequest
from wtforms import HiddenField

from app.core.clock import now
from app.core.db import SAFE_METHODS, AnyRow, db, dialect_name
from app.core.errors import DomainError
from app.core.forms import Form
from app.core.models import IdempotencyKey

P = ParamSpec("P")
FIELD = "idempotency_key"
KEY = re.compile(r"[\w-]{16,64}", re.ASCII)
LASTS = timedelta(hours=24)
LONGEST_SCOPE, LONGEST_LOCATION = 120, 500


def new_key() -> str:
    return secrets.token_urlsafe(16)


class OnceForm(Form):
    """A form for a view that is `once`; drawn again with an error it keeps its key."""

    idempotency_key = HiddenField(default=new_key)


def once(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Does what `view` does once for each key that the form carries, and commits it; stands below the route.

    The view itself does not commit. An answer of 400 and more is rolled back and not kept.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if request.method in SAFE_METHODS:
            return view(*args, **kwargs)
        key = _key()
        if (first := _claim(key)) is not None:
            return _same_again(first)
        response = make_response(view(*args, **kwargs))
        if response.status_code >= 400:
            db.session.rollback()
        else:
            _keep(key, response)
        return response

    return guarded


def purge() -> int:
    """A tick: answers older than a day are forgotten."""
    gone = delete(IdempotencyKey).where(IdempotencyKey.created_at < now() - LASTS).returning(IdempotencyKey.key)
    count = len(db.session.scalars(gone).all())
    db.session.commit()
    return count


def _key() -> str:
    key = request.form.get(FIELD, "")
    if not KEY.fullmatch(key):
        raise BadRequest
    return key


def _scope() -> str:
    return f"{current_user.id}:{request.path}"[:LONGEST_SCOPE]


def _claim(key: str) -> AnyRow | None:
    """None when the key is ours now, otherwise what was answered to it; waits for a request that is under way."""
    insert = sqlite_insert if dialect_name() == "sqlite" else postgresql_insert
    row = {"scope": _scope(), "key": key, "body_hash": _body_hash(), "created_at": now(), "status": 0, "location": ""}
    claimed = insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    if db.session.scalar(claimed) is not None:
        return None
    told = (IdempotencyKey.body_hash, IdempotencyKey.status, IdempotencyKey.location)
    return db.session.execute(
        select(*told).where(IdempotencyKey.scope == row["scope"], IdempotencyKey.key == key)
    ).one()


def _same_again(first: AnyRow) -> Response:
    db.session.rollback()
    if first.body_hash != _body_hash():
        raise DomainError(_("This page was used already, for something else. Nothing was changed: open it anew."))
    if first.location:
        return make_response(redirect(first.location, first.status))
    return make_response("", first.status)


def _keep(key: str, response: Response) -> None:
    location = response.headers.get("Location", "")[:LONGEST_LOCATION]
    mine = update(IdempotencyKey).where(IdempotencyKey.scope == _scope(), IdempotencyKey.key == key)
    db.session.execute(mine.values(status=response.status_code, location=location))
    db.session.commit()


def _body_hash() -> str:
    sent: list[Any] = sorted((name, text) for name, text in request.form.items(multi=True) if name != "csrf_token")
    return hashlib.sha256(json.dumps(sent).encode()).hexdigest()
