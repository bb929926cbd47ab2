"""For machines: is the process alive, is it ready to serve, and its figures."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core import backups, outbox
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
    """200 when requests can be served, else 503.

    What else is wrong (periodic work, mail, backups) is reported and takes nobody out of service; who wants to be
    woken by it asks for `/readyz?strict=1`, which answers 503 then, too.
    """
    try:
        schema = schema_state(db.engine)
        done = last_done()
        failing = db.session.scalar(
            select(func.count()).select_from(OutboxMail).where(OutboxMail.state != "sent", OutboxMail.attempts > 2)
        )
        delivery = outbox.delivery()
    except (DBAPIError, PoolTimeoutError):
        return jsonify(status="unavailable", database="unreachable"), 503
    ticking = done is not None and now() - done < TICKS_QUIET
    backup = backups.state()
    report = {
        "database": "ok",
        "schema": schema,
        "ticks": "ok" if ticking else "quiet",
        "mail_failing": failing,
        "mail": {"last": _moment(delivery.last_at), "stale": delivery.is_stale},
        "backup": {"last": _moment(backup.made_at), "stale": backup.is_stale},
        "backup_copy": {"last": _moment(backup.copied_at), "stale": backup.is_copy_stale},
    }
    if schema != "current":
        return jsonify(status="unavailable", **report), 503
    red = not ticking or delivery.is_stale or backup.is_stale or backup.is_copy_stale
    if red and "strict" in request.args:
        return jsonify(status="stale", **report), 503
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


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
