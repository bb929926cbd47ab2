"""For machines: alive, ready, figures; and the logs."""

from __future__ import annotations

from flask import Flask

from app.core import ticks
from app.core.db import db
from app.core.logs import mask_secrets
from tests.support.client import CheckedClient


def test_alive_asks_no_database(client: CheckedClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_ready_reports_schema_ticks_and_mail(client: CheckedClient) -> None:
    assert client.get("/readyz").get_json()["ticks"] == "quiet"
    ticks.run_due()
    db.session.remove()
    report = client.get("/readyz")
    assert report.status_code == 200
    never = {"last": None, "stale": False}
    assert report.get_json() == {
        "status": "ok", "database": "ok", "schema": "current", "ticks": "ok", "mail_failing": 0,
        "mail": never, "backup": never, "backup_copy": never,
    }  # fmt: skip


def test_figures_are_for_this_machine_only(app: Flask, client: CheckedClient) -> None:
    assert b"guildhall_requests" in client.get("/metrics").data
    away = client.get("/metrics", environ_overrides={"REMOTE_ADDR": "203.0.113.7"})
    assert away.status_code == 404


def test_invented_methods_take_no_memory(client: CheckedClient) -> None:
    client.open("/healthz", method="INVENTED")
    assert b"INVENTED" not in client.get("/metrics").data


def test_secrets_never_reach_the_log() -> None:
    event = mask_secrets(None, "", {"path": "/reset-password/abc.def", "password": "x", "name": "a\nb\x1b"})
    assert event == {"path": "/reset-password/***", "password": "***", "name": "a\\x0ab\\x1b"}


def test_headers_keep_pages_private_and_scripts_out(client: CheckedClient) -> None:
    headers = client.get("/sign-in").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
