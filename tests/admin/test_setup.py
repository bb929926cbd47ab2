"""The first set-up by link: from an empty community to a home page, once, by one browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import User
from app.community import operations, setup
from app.community.models import SetupLink
from app.community.presets import PRESETS
from app.core.clock import now
from app.core.db import db
from tests.conftest import new_client
from tests.support.client import CheckedClient
from tests.world import World

SignedIn = Callable[[str], CheckedClient]
YOU = {
    "step": "you",
    "name": "Rosa Lind",
    "email": "rosa@example.org",
    "password": "three quiet rivers",
    "timezone": "Europe/Berlin",
}


@pytest.fixture
def token(app: Flask) -> str:
    made = setup.make_link()
    db.session.commit()
    return made


@pytest.fixture
def no_admin(world: World) -> None:
    db.session.execute(update(User).values(role="member"))
    db.session.commit()


def take(browser: CheckedClient, token: str, **data: str) -> str:
    """Sends one step; returns where it leads."""
    answer = browser.post(f"/setup/{token}", data=data)
    assert answer.status_code == 303, re.sub(r"<[^>]+>", "", answer.get_data(as_text=True))
    return answer.headers["Location"]


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_from_the_link_to_the_home_page(app: Flask, token: str, preset: str) -> None:
    browser = new_client(app)
    assert "What are you?" in browser.get(f"/setup/{token}").get_data(as_text=True)
    there = take(browser, token, step="preset", preset=preset)
    assert 'value="Guildhall"' in browser.get(there).get_data(as_text=True)
    there = take(browser, token, step="place", name="Riverton", place="On the river", locale="en")
    assert "Who may come in?" in browser.get(there).get_data(as_text=True)
    there = take(browser, token, step="rules", joining="approval", allowed_domains="")
    assert "administrator of Riverton" in browser.get(there).get_data(as_text=True)
    there = take(browser, token, **YOU)
    assert there == "/admin/test-mail"
    page = browser.get(there).get_data(as_text=True)
    assert "MAIL_SERVER" in page
    assert "/dev/mail" in page
    page = browser.get("/admin/bring-members").get_data(as_text=True)
    assert "/sign-up" in page
    home = browser.get("/").get_data(as_text=True)
    assert "Your community starts" in home
    assert ('href="/matches' in home) is ("matches" in PRESETS[preset].features)
    rosa = db.session.scalars(select(User).where(User.email_key == "rosa@example.org")).one()
    assert (rosa.role, rosa.is_verified, rosa.timezone) == ("admin", True, "Europe/Berlin")
    assert rosa.approved_at is not None
    row = operations.settings()
    assert (row.name, row.place, row.joining, row.preset) == ("Riverton", "On the river", "approval", preset)


def test_after_a_break_it_goes_on_where_it_was_left(app: Flask, token: str) -> None:
    take(new_client(app), token, step="preset", preset="time-bank")
    take(new_client(app), token, step="place", name="Riverton", place="", locale="en")
    another = new_client(app)
    assert "Who may come in?" in another.get(f"/setup/{token}").get_data(as_text=True)
    back = another.get(f"/setup/{token}?step=place").get_data(as_text=True)
    assert 'value="Riverton"' in back
    take(another, token, step="place", name="Riverton Two", place="", locale="en")
    assert "Who may come in?" in another.get(f"/setup/{token}").get_data(as_text=True)


def test_no_step_is_skipped_by_its_address(app: Flask, token: str) -> None:
    assert "What are you?" in new_client(app).get(f"/setup/{token}?step=you").get_data(as_text=True)
    assert "What are you?" in new_client(app).get(f"/setup/{token}?step=nonsense").get_data(as_text=True)
    assert new_client(app).post(f"/setup/{token}", data={"step": "nonsense"}).status_code == 400


@pytest.mark.parametrize(
    ("step", "data", "field"),
    [
        ("preset", {"preset": "circus"}, "preset"),
        ("place", {"name": "", "locale": "en"}, "name"),
        ("place", {"name": "Riverton", "locale": "xx"}, "locale"),
        ("rules", {"joining": "nobody"}, "joining"),
        ("rules", {"joining": "open", "allowed_domains": "not a domain"}, "allowed_domains"),
        ("you", {**YOU, "name": "Administrator"}, "name"),
        ("you", {**YOU, "email": "nowhere"}, "email"),
        ("you", {**YOU, "email": "alice@example.org"}, "email"),
        ("you", {**YOU, "password": "short"}, "password"),
        ("you", {**YOU, "password": ""}, "password"),
        ("you", {**YOU, "timezone": "Moon/Base"}, "timezone"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    app: Flask, token: str, step: str, data: dict[str, str], field: str
) -> None:
    answer = new_client(app).post(f"/setup/{token}", data={**data, "step": step})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.get_data(as_text=True)
    link = db.session.scalars(select(SetupLink)).one()
    assert (link.step, link.used_at) == ("preset", None)


def test_a_used_link_says_what_to_do(app: Flask, token: str) -> None:
    take(new_client(app), token, **YOU)
    for answer in (
        new_client(app).get(f"/setup/{token}"),
        new_client(app).post(f"/setup/{token}", data={**YOU, "email": "eve@example.org"}),
        new_client(app).post(f"/setup/{token}", data={"step": "place", "name": "Hacked", "locale": "en"}),
        new_client(app).post(f"/setup/{token}", data={"step": "place"}),
    ):
        assert answer.status_code == 410
        assert 'href="/sign-in"' in answer.get_data(as_text=True)
    assert operations.settings().name == "Guildhall"


def test_a_link_lasts_a_day(app: Flask, token: str, no_admin: None) -> None:
    db.session.execute(update(SetupLink).values(expires_at=now() - timedelta(seconds=1)))
    db.session.commit()
    answer = new_client(app).get(f"/setup/{token}")
    assert answer.status_code == 410
    assert "flask setup-link" in answer.get_data(as_text=True)
    assert new_client(app).post(f"/setup/{token}", data=YOU).status_code == 410


@pytest.mark.parametrize("token", ["none", "x" * 3000, "%E2%82%AC"])
def test_a_made_up_link_opens_nothing(app: Flask, token: str) -> None:
    assert new_client(app).get(f"/setup/{token}").status_code == 410


def test_only_the_hash_of_a_link_is_kept(app: Flask, token: str) -> None:
    assert token not in repr(db.session.execute(select(SetupLink.__table__)).all())


def test_using_one_link_uses_up_all(app: Flask, token: str) -> None:
    other = setup.make_link()
    db.session.commit()
    take(new_client(app), token, **YOU)
    assert new_client(app).get(f"/setup/{other}").status_code == 410


def test_two_browsers_make_one_administrator(app: Flask, token: str, no_admin: None) -> None:
    """At the same moment, with the same and with different addresses: one is in, the others learn why not."""
    codes: list[int] = []
    start = threading.Barrier(4)

    def join(email: str) -> None:
        browser = new_client(app)
        start.wait()
        codes.append(browser.post(f"/setup/{token}", data={**YOU, "email": email}).status_code)

    addresses = ("rosa@example.org", "rosa@example.org", "ruth@example.org", "rita@example.org")
    threads = [threading.Thread(target=join, args=(address,)) for address in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 410, 410, 410]
    assert len(db.session.scalars(select(User).where(User.role == "admin")).all()) == 1


def test_the_command_prints_a_link_once_there_is_nobody_to_look_after(app: Flask, no_admin: None) -> None:
    result = app.test_cli_runner().invoke(args=["setup-link"])
    assert result.exit_code == 0
    path = result.output.strip().removeprefix(app.config["PUBLIC_URL"])
    assert new_client(app).get(path).status_code == 200


def test_with_an_administrator_the_command_wants_to_be_sure(app: Flask, world: World) -> None:
    refused = app.test_cli_runner().invoke(args=["setup-link"])
    assert refused.exit_code == 1
    assert "--again" in refused.output
    again = app.test_cli_runner().invoke(args=["setup-link", "--again"])
    assert again.exit_code == 0
    assert "/setup/" in again.output


def test_an_administrator_from_the_command_line_closes_the_links(app: Flask, token: str) -> None:
    made = app.test_cli_runner().invoke(
        args=["users", "create-admin", "otto@example.org", "--name", "Otto Berg"],
        env={"GUILDHALL_ADMIN_PASSWORD": "three quiet rivers"},
    )
    assert made.exit_code == 0
    assert new_client(app).get(f"/setup/{token}").status_code == 410
