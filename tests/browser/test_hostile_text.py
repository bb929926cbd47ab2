"""Text that would like to be more than text: whatever somebody stores or searches, a browser only ever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import Block, User, UserSession
from app.accounts.viewer import hash_token
from app.chats import operations as chats
from app.community.operations import settings
from app.core.clock import now
from app.core.db import db
from app.core.text import clean, fold, printable, turns_the_line
from app.skills.models import Skill, SkillAlias, UserSkill
from tests.browser.conftest import OpenPage
from tests.support.client import CheckedClient
from tests.world import PASSWORD, PASSWORD_HASH, World, session_token

As = Callable[[str], CheckedClient]
pytestmark = pytest.mark.browser

PRODUCT = 54397  # of what the template payload multiplies
PAYLOADS = {
    "script": "<script>window.ran=1;alert(1)</script>",
    "image": '<img src=x onerror="window.ran=1;alert(1)">',
    "svg": "<svg onload=window.ran=1><animate onbegin=window.ran=1>",
    "link": "javascript:window.ran=1//",
    "markdown": "[here](javascript:window.ran=1) <javascript:window.ran=1>",
    "attribute": '" autofocus onfocus="window.ran=1" style="position:fixed" x="',
    "apostrophe": "' autofocus onfocus='window.ran=1' x='",
    "closing": "</textarea></title></option><script>window.ran=1</script>",
    "comment": "--><script>window.ran=1</script><!--",
    "template": "{{ 7*7771 }}${7*7771}<%= 7*7771 %>#{7*7771}{% debug %}",
    "json": "'}\"); window.ran=1; ({'",
    "htmx": '<b hx-get="/settings" hx-trigger="load" hx-on:click="window.ran=1">',
    "entities": "&lt;script&gt;window.ran=1&lt;/script&gt;&#60;img src=x onerror=window.ran=1&#62;",
    "directions": "\u202egnp.\u2066evil\u2069\u202dtxt\u200f\u061c",
    "long": "W" * 1000,
    "stacked": "Z\u0310\u0352\u0344\u033e" * 200,
}
# The quick run opens the pages of these one by one; lists show all of them in each run.
TELLING = {"closing", "attribute", "long"}
EACH = [kind if kind in TELLING else pytest.param(kind, marks=pytest.mark.slow) for kind in PAYLOADS]

WATCH = """
window.refused = [];
document.addEventListener('securitypolicyviolation', event => window.refused.push(event.violatedDirective));
"""
FAULTS = (Path(__file__).parent / "hostile_text.js").read_text()


@dataclass(frozen=True)
class Hostile:
    """A member whose every text is one payload."""

    kind: str
    text: str
    id: int
    name: str
    place: str
    skill: str


@pytest.fixture
def hostile(app: Flask, world: World) -> dict[str, Hostile]:
    """One for each payload, straight in the database: pages trust no form to have refused anything."""
    settings().place = PAYLOADS["attribute"]
    made = {kind: add_member(kind, text) for kind, text in PAYLOADS.items()}
    db.session.add(Block(blocker_id=world.alice, blocked_id=made["attribute"].id))
    for kind, member in made.items():
        chats.send(member.id, chats.open_between(member.id, world.bob), cut(member.text, 2000), f"hostile-{kind}")
    db.session.commit()
    db.session.remove()
    return made


def add_member(kind: str, text: str) -> Hostile:
    name, place, skill_name = cut(text, 60), cut(text, 80), cut(text, 50)
    user = User(name=name, name_key=fold(name)[:180], email=f"{kind}@example.org", email_key=f"{kind}@example.org")
    user.password_hash, user.is_verified, user.approved_at = PASSWORD_HASH, True, now()
    user.pronouns, user.bio, user.location, user.place_key = cut(text, 40), cut(text, 1000), place, fold(place)[:240]
    skill = Skill(slug=f"hostile-{kind}", name=skill_name, name_key=fold(skill_name)[:150], state="proposed")
    db.session.add_all([user, skill])
    db.session.flush()
    db.session.add(SkillAlias(alias_key=fold(f"{kind} {skill_name}")[:150], alias=skill_name, skill_id=skill.id))
    for side, skill_id in (("offer", skill_called("spanish")), ("want", skill_called("python")), ("offer", skill.id)):
        db.session.add(UserSkill(user_id=user.id, kind=side, skill_id=skill_id, level=3, note=cut(text, 200)))
    expires = now() + timedelta(days=1)
    db.session.add(UserSession(user_id=user.id, token_hash=hash_token(session_token(kind)), expires_at=expires))
    return Hostile(kind, text, user.id, name, place, str(skill.id))


def skill_called(slug: str) -> int:
    return db.session.scalars(select(Skill.id).where(Skill.slug == slug)).one()


def cut(text: str, most: int) -> str:
    """As it would be stored, with at most `most` characters."""
    return clean(clean(text)[:most])


def test_lists_of_all_of_them(open_page: OpenPage, world: World, hostile: dict[str, Hostile]) -> None:
    page = watched(open_page, "alice")
    lists = ("/", "/members", "/members?sort=name", "/matches", "/matches/one-way", "/skills", "/skills/spanish")
    for path in (*lists, "/settings/privacy"):
        shows(page, path)
    for kind, member in hostile.items():
        if kind != "attribute":
            shows(page, f"/chats/with/{member.id}")
    shows(page, "/members")
    page.locator(".filters-switch").click()
    assert faults(page) == []


def test_an_open_menu(open_page: OpenPage, world: World, hostile: dict[str, Hostile]) -> None:
    for width in (390, 1280):
        page = watched(open_page, "long", width)
        shows(page, f"/members/{hostile['long'].id}")
        page.locator("details[data-menu] summary").filter(visible=True).last.click()
        assert faults(page) == []


@pytest.mark.parametrize("kind", EACH)
def test_pages_of_one(open_page: OpenPage, as_: As, hostile: dict[str, Hostile], kind: str) -> None:
    member = hostile[kind]
    tells(as_(kind), member)
    text = quote(cut(member.text, 100))
    reader = watched(open_page, "bob")
    for path in (
        f"/members/{member.id}",
        f"/chats/with/{member.id}",  # leads to the chat that they have
        f"/chats?q={text}",
        f"/members?q={text}&skill={text}&place={quote(fold(member.place))}&category={text}",
        f"/skills?q={text}",
        f"/skills/hostile-{kind}",
        f"/settings/skills?kind=offer&q={quote(cut(member.text, 50))}",
    ):
        shows(reader, path)
    types(reader, cut(member.text, 50))
    own = watched(open_page, kind)
    for path in ("/", "/settings/profile", "/settings/skills", f"/settings/skills/entries/offer/{member.skill}"):
        shows(own, path)


@pytest.mark.parametrize("kind", EACH)
def test_refused_names_are_shown_as_text(open_page: OpenPage, world: World, kind: str) -> None:
    page = watched(open_page, "")
    text = cut(PAYLOADS[kind], 60)
    shows(page, f"/sign-in?email={quote(text)}&next={quote(text)}")
    shows(page, "/sign-up")
    page.locator("form[action='/sign-up']").evaluate("form => form.noValidate = true")
    page.get_by_label("Your name").fill(text)
    page.get_by_label("E-mail address").fill(text)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.get_by_label("Your name")).to_have_value(printable(text))
    assert faults(page) == []


def test_the_name_of_a_device(open_page: OpenPage, app: Flask, client: CheckedClient, world: World) -> None:
    for text in PAYLOADS.values():
        agent = text.encode("latin-1", "ignore").decode("latin-1") or "none"
        client.post(
            "/sign-in", data={"email": "alice@example.org", "password": PASSWORD}, headers={"User-Agent": agent}
        )
        client.delete_cookie("guildhall")
    shows(watched(open_page, "alice"), "/settings/sessions")


def test_the_watch_has_teeth(open_page: OpenPage) -> None:
    page = watched(open_page, "")
    page.goto("/sign-in")
    page.evaluate("document.querySelector('main').innerHTML = '<a href=javascript:0>54397' + 'W'.repeat(99)")
    assert len(faults(page)) == 3


def tells(browser: CheckedClient, member: Hostile) -> None:
    """The same texts through the forms; those that would turn the line around are refused."""
    taken = {422} if turns_the_line(member.text) else {303}
    texts = {"pronouns": cut(member.text, 40), "bio": cut(member.text, 1000), "location": member.place}
    assert browser.post("/settings/profile", data={"name": member.name, **texts}).status_code in taken
    entry = {"level": "3", "priority": "2", "note": cut(member.text, 200)}
    address = f"/settings/skills/entries/offer/{member.skill}"
    assert browser.post(address, data=entry).status_code in taken
    proposed = {**entry, "kind": "want", "skill": "new", "q": cut(member.text, 50)}
    assert browser.post("/settings/skills/entries", data=proposed).status_code in taken | {422}


def watched(open_page: OpenPage, who: str, width: int = 390) -> Page:
    page = open_page("/healthz", who=who, width=width)
    page.context.add_init_script(WATCH)
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog says {dialog.message}"))
    return page


def shows(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    assert faults(page) == [], path


def types(page: Page, text: str) -> None:
    """While it is typed, suggestions come as a part of the page."""
    with page.expect_response("**/skills/suggestions?*"):
        page.locator("#want-search").fill(text)
    assert faults(page) == []


def faults(page: Page) -> list[str]:
    found: list[str] = page.evaluate(FAULTS, str(PRODUCT))
    return found
