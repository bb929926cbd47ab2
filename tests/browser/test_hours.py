"""Recording hours on a phone, by hand and by keyboard, with and without a script."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.core.db import db
from app.exchange.models import HourRecordPerson
from tests.browser.conftest import OpenPage
from tests.directory.people import add_member
from tests.support.hours import given, write_down
from tests.support.ledger import assert_whole, balance, give_hours
from tests.world import World

PHONE = 390


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_two_who_helped(app: Flask, world: World, open_page: OpenPage, javascript: bool) -> None:
    give_hours(world.alice, 300)
    dora = add_member("Dora Deux")
    db.session.remove()
    page = open_page("/hours/record", "alice", width=PHONE, javascript=javascript)
    page.get_by_label("Note").fill("Moved a sofa")
    search = page.get_by_label("Name or member number")
    search.fill("bob")
    if javascript:
        page.get_by_role("button", name="Choose Bob Brandt").click()
        expect(search).to_be_focused()
    else:
        page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("button", name="Take Bob Brandt out")).to_be_visible()
    search.fill("Dora")
    page.get_by_role("button", name="Add another").click()
    expect(page.get_by_role("button", name="Take Dora Deux out")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("Moved a sofa")
    page.get_by_label("Hours").fill("1")
    page.get_by_label("Minutes").fill("15")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("row", name="All together 2 h 30 min")).to_be_visible()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("heading", name="Help among several")).to_be_visible()
    db.session.rollback()
    assert [balance(user_id) for user_id in (world.alice, world.bob, dora)] == [150, 75, 75]
    db.session.rollback()
    assert_whole()


def test_one_click_says_yes(app: Flask, world: World, open_page: OpenPage) -> None:
    give_hours(world.alice, 300)
    write_down(world.bob, given(world.bob, world.alice, minutes=45, is_helper=True))
    page = open_page("/hours", "alice", width=PHONE)
    page.get_by_role("button", name="Yes, that is right").click()
    expect(page.get_by_text("Thank you, it is recorded.")).to_be_visible()
    db.session.rollback()
    assert [row.state for row in db.session.query(HourRecordPerson)] == ["posted"]
    assert balance(world.bob) == 45
