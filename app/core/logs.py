"""Logs: one JSON object per line and event, secrets masked; people read them in colour while developing."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

from app.core.metrics import observe

# Capability links are secrets: what follows these path segments is masked.
SECRET_PATHS = re.compile(r"(/(?:reset-password|verify-email|email-change|setup|join|claim)/)[^/\s?]+")
SECRET_KEYS = re.compile(r"password|token|secret|authorization|cookie", re.IGNORECASE)
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


def configure(development: bool) -> None:
    """Everything that logs in this process, libraries included, writes through one formatter to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    readable = development and sys.stderr.isatty()
    last: list[Any] = (
        [structlog.dev.ConsoleRenderer()]
        if readable
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("alembic", "werkzeug"):  # requests are logged by us, once
        logging.getLogger(chatty).setLevel(logging.WARNING)


def mask_secrets(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Masks secret values and links; control characters are escaped, so that nobody can write a line of his own."""
    for key, value in event.items():
        if SECRET_KEYS.search(key):
            event[key] = "***"
        elif isinstance(value, str) and key != "exception":
            masked = SECRET_PATHS.sub(r"\1***", value)
            event[key] = CONTROL_CHARACTERS.sub(lambda found: f"\\x{ord(found[0]):02x}", masked)
    return event


def init_app(app: Flask) -> None:
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()


def _finish(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    observe(request.method, request.endpoint or "none", response.status_code, seconds)
    if request.endpoint not in {"health.alive", "health.ready", "health.figures"}:
        structlog.get_logger().info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
        )
    return response
