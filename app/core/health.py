"""For machines: is the process alive, is it ready to serve, and its figures."""

from __future__ import annotations

import ipaddress
from datetime import timedelta

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core.access import HURDLES, public, within_reach
from app.core.clock import now
from app.core.db import db
from app.core.metrics import exposition
from app.core.migrating import schema_state
from app.core.models import OutboxMail
from app.core.ticks import last_done

blueprint = Blueprint("health", __name__)
TICKS_QUIET = timedelta(minutes=5)


@blueprint.get("/healthz")
@public
@within_reach(*HURDLES)
def alive() -> ResponseReturnValue:
    """The process answers; nothing else is asked."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
@within_reach(*HURDLES)
def ready() -> ResponseReturnValue:
    """200 when requests can be served, else 503; `ticks` and `mail` are reported, they take nobody out of service."""
    try:
        schema = schema_state(db.engine)
        done = last_done()
        failing = db.session.scalar(
            select(func.count()).select_from(OutboxMail).where(OutboxMail.state != "sent", OutboxMail.attempts > 2)
        )
    except (DBAPIError, PoolTimeoutError):
        return jsonify(status="unavailable", database="unreachable"), 503
    ticking = done is not None and now() - done < TICKS_QUIET
    report = {"database": "ok", "schema": schema, "ticks": "ok" if ticking else "quiet", "mail_failing": failing}
    if schema != "current":
        return jsonify(status="unavailable", **report), 503
    return jsonify(status="ok", **report)


@blueprint.get("/metrics")
@public
@within_reach(*HURDLES)
def figures() -> ResponseReturnValue:
    """Prometheus figures, for this machine only: behind a proxy the caller's own address counts."""
    address = request.remote_addr or ""
    if not _is_loopback(address):
        abort(404)
    return Response(exposition(), content_type=CONTENT_TYPE_LATEST)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
