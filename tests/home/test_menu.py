"""The menu: what waits is counted where one looks for it, each place stands there once, and a phone's menu is short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

import html5lib
import pytest
from sqlalchemy import update

from app.accounts.models import User
from app.community import switching
from app.core.db import db
from tests.support.client import CheckedClient
from tests.support.hours import given, write_down
from tests.support.ledger import give_hours
from tests.world import World

SignedIn = Callable[[str], CheckedClient]


@pytest.fixture
def waiting(world: World) -> None:
    """Alice is asked whether Bob has helped her."""
    give_hours(world.alice, 600)
    write_down(world.bob, given(world.bob, world.alice, is_helper=True))
    db.session.remove()


@pytest.fixture
def home(as_: SignedIn, waiting: None) -> Element:
    return read(as_("alice"))


def test_recorded_hours_stand_below_the_wallet_with_their_number(home: Element) -> None:
    (nav,) = having(home, "nav", "site-nav")
    (menu,) = [menu for menu in nav.iter("details") if "/hours" in addresses(menu)]
    assert addresses(menu) == ["/wallet", "/wallet/statement", "/hours"]
    assert [text_of(count) for count in having(menu, "span", "count")] == ["1", "1"]


def test_the_dashboard_leads_straight_to_what_waits(home: Element) -> None:
    assert [link.get("href") for link in having(home, "a", "todo-link")] == ["/hours"]


def test_a_phone_has_each_place_once_and_one_link_to_the_settings(home: Element) -> None:
    (bar,) = having(home, "nav", "bottom-bar")
    *_others, menu = bar.iter("details")
    hidden = [address for part in having(menu, "div", "d-none") for address in addresses(part)]
    shown = [address for address in addresses(menu) if address not in hidden]
    assert len(shown) == len(set(shown))
    assert {"/exchanges", "/wallet", "/wallet/statement", "/hours", "/settings"} <= set(shown)
    assert not [address for address in shown if address.startswith("/settings/")]
    assert "/settings/profile" in hidden


def test_the_picture_counts_what_stands_behind_it(as_: SignedIn, world: World, waiting: None) -> None:
    """Her address, which is not confirmed; what she is asked stands elsewhere in the bar."""
    db.session.execute(update(User).where(User.id == world.alice).values(is_verified=False))
    db.session.commit()
    (tools,) = having(read(as_("alice")), "div", "site-tools")
    *_others, picture = having(tools, "summary", "tool-button")
    (count,) = having(picture, "span", "count")
    assert text_of(count) == "1"


def test_without_hours_there_is_neither(as_: SignedIn, world: World) -> None:
    switching.decide({"hours": False})
    db.session.commit()
    assert not {"/wallet", "/hours"} & set(addresses(read(as_("alice"))))


def read(client: CheckedClient) -> Element:
    page: Element = html5lib.parse(client.get("/").text, namespaceHTMLElements=False)
    return page


def having(part: Element, tag: str, name: str) -> list[Element]:
    """The elements of that class within `part`."""
    return [element for element in part.iter(tag) if name in (element.get("class") or "").split()]


def addresses(part: Element) -> list[str]:
    return list(_addresses(part))


def _addresses(part: Element) -> Iterator[str]:
    for link in part.iter("a"):
        yield link.get("href") or ""


def text_of(element: Element) -> str:
    return "".join(element.itertext()).strip()
