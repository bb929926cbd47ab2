"""Every error has a page of the site that says what happened; an outage page needs no database."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, abort
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.core.access import public
from app.core.db import db
from app.core.errors import Conflict, TooMany
from tests.support.client import CheckedClient

As = Callable[[str], CheckedClient]
CODES = [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503]


@pytest.fixture
def failing(app: Flask) -> Iterator[Callable[[Exception | int], None]]:
    """Makes the next request to /healthz end in an error."""
    endpoint = "health.alive"
    before = app.view_functions[endpoint]

    def fail_with(error: Exception | int) -> None:
        @public
        def view() -> str:
            if isinstance(error, int):
                abort(error)
            raise error

        app.view_functions[endpoint] = view

    yield fail_with
    app.view_functions[endpoint] = before


@pytest.mark.parametrize("code", CODES)
def test_each_has_a_page(client: CheckedClient, failing: Callable[[int], None], code: int) -> None:
    client.expects_errors = True
    failing(code)
    response = client.get("/healthz")
    assert response.status_code == code
    assert f"Error {code}" in response.text
    assert "no-store" in response.headers["Cache-Control"]


def test_a_conflict_says_what_happened(client: CheckedClient, failing: Callable[[Exception], None]) -> None:
    failing(Conflict("Bob accepted it a minute ago."))
    response = client.get("/healthz")
    assert response.status_code == 409
    assert "Bob accepted it a minute ago." in response.text


def test_a_limit_says_when_to_come_back(client: CheckedClient, failing: Callable[[Exception], None]) -> None:
    failing(TooMany("Too fast.", retry_after=90))
    response = client.get("/healthz")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "90")


def test_a_database_that_is_away_is_an_interruption(
    client: CheckedClient, failing: Callable[[Exception], None]
) -> None:
    failing(OperationalError("SELECT 1", {}, Exception("gone")))
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.headers["Retry-After"]


def test_the_outage_page_asks_no_database(
    client: CheckedClient, failing: Callable[[Exception], None], statements: Callable
) -> None:
    failing(OperationalError("SELECT 1", {}, Exception("gone")))
    with statements() as seen:
        client.get("/healthz")
    assert seen == []


def test_hostile_text_in_an_error_is_shown_as_text(client: CheckedClient, failing: Callable[[Exception], None]) -> None:
    failing(Conflict("<script>alert(1)</script>"))
    assert "<script>alert" not in client.get("/healthz").text


def test_a_get_cannot_write(app: Flask, as_: As) -> None:
    """The transaction of a GET is read-only on both databases."""
    with app.test_request_context("/members"):
        app.preprocess_request()
        with pytest.raises(Exception, match=r"(?i)read.?only|readonly"):
            db.session.execute(text("UPDATE users SET bio = 'x'"))
        db.session.rollback()


FORGED = ['["0001-01-01T00:00:00+14:00",1]', "[" * 2900, '["x",1]', "[null,null]", '[["a"],1]', "{}", '["9999",1e400]']


@pytest.mark.parametrize("content", FORGED)
@pytest.mark.parametrize("name", ["after", "before"])
def test_forged_places_in_a_list_are_no_server_errors(as_: As, name: str, content: str) -> None:
    cursor = base64.urlsafe_b64encode(content.encode()).decode()
    assert as_("alice").get(f"/members?{name}={cursor}").status_code == 400


@pytest.mark.parametrize("name", ["endpoint", "_anchor", "_scheme", "_method", "_external", "values"])
def test_no_parameter_means_something_to_our_own_code(as_: As, name: str) -> None:
    assert as_("alice").get(f"/members?{name}=POST").status_code == 200


def test_a_file_in_the_place_of_text_is_no_server_error(as_: As) -> None:
    sent = {"starts_0_0": (io.BytesIO(b"x"), "x.txt"), "skill": (io.BytesIO(b"x"), "x.txt"), "kind": "offer"}
    assert as_("alice").post("/settings/skills/entries", data=sent).status_code == 422
    sent = {"starts_0_0": (io.BytesIO(b"x"), "x.txt"), "timezone": "UTC"}
    assert as_("alice").post("/settings/availability", data=sent).status_code in {303, 422}


@pytest.mark.parametrize("path", ["/members?q=%00", "/members/99999999999999999999999", "/members?q=a%07b"])
def test_damaged_addresses_are_no_server_errors(as_: As, path: str) -> None:
    assert as_("alice").get(path).status_code in {400, 404}


@pytest.mark.parametrize("body", [[1, 2], ["ab"], "text", 7, {"paused": [1]}, {}])
def test_json_is_no_form(as_: As, body: object) -> None:
    for path in ("/settings/profile", "/settings/skills/entries"):
        assert as_("alice").post(path, json=body).status_code == 422


@pytest.mark.parametrize("page", ["http://[", "http://[::1", "//[", "http://a]/"])
def test_a_damaged_header_of_htmx_is_no_server_error(client: CheckedClient, page: str) -> None:
    answer = client.get("/skills/suggestions?q=a", headers={"HX-Request": "true", "HX-Current-URL": page})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in")


def test_a_foreign_host_is_refused(client: CheckedClient) -> None:
    assert client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
