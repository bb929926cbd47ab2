"""The stream by which a member's open pages hear what has changed, and the same as a plain answer."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from app.accounts.routes.blueprints import blueprint
from app.accounts.viewer import me
from app.core import live as core_live
from app.core.db import end_reading

# Seconds until a page that found no place may ask for the state, and now and then for a place.
RETRY_AFTER = 15


@blueprint.get("/live")
def live() -> ResponseReturnValue:
    """Server-sent events without an end; 503 when all places are taken, and pages then ask for the state."""
    end_reading()
    since = request.args.get("since", type=float)
    stream = core_live.open_stream(me.id, me.session_id, since, request.environ)
    if stream is None:
        return Response(status=503, headers={"Retry-After": str(RETRY_AFTER)})
    # nginx would otherwise gather what the stream says before it passes it on.
    return Response(stream, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})


@blueprint.get("/live/state")
def live_state() -> ResponseReturnValue:
    """Topic → a number that changes whenever the stream would have named the topic."""
    return jsonify(topics=core_live.state_of(me.id))
