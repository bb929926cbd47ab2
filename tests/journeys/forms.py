"""Every form of the site: where it is, what it takes, and which of its fields are of which kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser

from app.core.clock import now
from app.core.text import clean, clean_lines
from tests.world import PASSWORD

Data = Mapping[str, object]
GOOD_PASSWORD = "velvet otter umbrella"
SOON = f"{(now() + timedelta(days=9)).date()}T18:30"
LAST_WEEK = f"{(now() - timedelta(days=7)).date()}"
NEXT_YEAR = f"{now().year + 1}-02-28"


@dataclass(frozen=True)
class Case:
    """`good` is taken as it is. `texts` maps text fields to their greatest length."""

    name: str
    path: str
    who: str
    good: Data
    required: tuple[str, ...] = ()
    texts: Mapping[str, int] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    passwords: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


CASES = [
    Case(
        "sign-up",
        "/sign-up",
        "",
        {"name": "Rosa", "email": "rosa@example.org", "password": GOOD_PASSWORD, "timezone": "Europe/Madrid"},
        required=("name", "email", "password"),
        texts={"name": 60, "email": 254},
        choices=("timezone",),
        passwords=("password",),
    ),
    Case(
        "sign-in",
        "/sign-in",
        "",
        {"email": "alice@example.org", "password": PASSWORD},
        required=("email", "password"),
        texts={"email": 254},
    ),
    Case(
        "forgot-password",
        "/forgot-password",
        "",
        {"email": "alice@example.org"},
        required=("email",),
        texts={"email": 254},
    ),
    Case(
        "verify-email-again",
        "/verify-email",
        "",
        {"email": "nora.newman@example.org"},
        required=("email",),
        texts={"email": 254},
    ),
    Case(
        "verify-email-elsewhere",
        "/verify-email/{verify}",
        "",
        {"password": PASSWORD},
        required=("password",),
    ),
    Case(
        "reset-password",
        "/reset-password/{reset}",
        "",
        {"password": GOOD_PASSWORD},
        required=("password",),
        passwords=("password",),
    ),
    Case(
        "profile",
        "/settings/profile",
        "alice",
        {
            "name": "Alice Adeyemi",
            "pronouns": "she/her",
            "bio": "One line\nanother line",
            "location": "Weir Side",
            "learning_style": "doing",
            "languages": ["en", "es"],
        },
        required=("name",),
        texts={"name": 60, "pronouns": 40, "bio": 1000, "location": 80},
        choices=("learning_style", "languages"),
    ),
    Case(
        "availability",
        "/settings/availability",
        "alice",
        {
            "timezone": "Europe/Madrid",
            "starts_0_0": "18:00",
            "ends_0_0": "20:00",
            "starts_6_2": "09:30",
            "ends_6_2": "10:00",
        },
        choices=("timezone",),
    ),
    Case("language", "/settings/account", "alice", {"locale": "en"}, required=("locale",), choices=("locale",)),
    Case(
        "new-address",
        "/settings/account/email",
        "alice",
        {"email": "alice.new@example.org", "current_password": PASSWORD},
        required=("email", "current_password"),
        texts={"email": 254},
    ),
    Case(
        "new-password",
        "/settings/account/password",
        "alice",
        {"current_password": PASSWORD, "password": GOOD_PASSWORD},
        required=("current_password", "password"),
        passwords=("password",),
    ),
    Case(
        "closing",
        "/settings/account/closing",
        "alice",
        {"sure": "y", "current_password": PASSWORD},
        required=("sure", "current_password"),
    ),
    Case(
        "skill-offered",
        "/settings/skills/entries",
        "alice",
        {"kind": "offer", "skill": "{chess}", "q": "chess", "level": "4", "note": "on Sundays"},
        required=("level",),
        texts={"note": 200},
        choices=("skill", "level"),
    ),
    Case(
        "skill-proposed",
        "/settings/skills/entries",
        "alice",
        {"kind": "want", "skill": "new", "q": "Kite building", "level": "1", "priority": "3", "note": "with children"},
        required=("level",),
        texts={"q": 50, "note": 200},
        choices=("level", "priority"),
    ),
    Case(
        "skills-ticked",
        "/settings/skills/picks",
        "mod",
        {"kind": "offer", "skill": ["{chess}", "{python}"]},
        required=("skill",),
        choices=("skill",),
    ),
    Case(
        "skill-changed",
        "/settings/skills/entries/offer/{python}",
        "alice",
        {"level": "5", "priority": "2", "note": "on Sundays", "until": NEXT_YEAR},
        required=("level",),
        texts={"note": 200},
        choices=("level",),
    ),
    Case(
        "wish-changed",
        "/settings/skills/entries/want/{spanish}",
        "alice",
        {"level": "2", "priority": "3", "note": "for a journey", "until": NEXT_YEAR},
        required=("level",),
        texts={"note": 200},
        choices=("level", "priority"),
    ),
    Case(
        "post",
        "/posts/new",
        "alice",
        {
            "kind": "request",
            "title": "Carry a sofa",
            "text": "Two floors.\n\n- It is light.",
            "skill": "Python",
            "skill_2": "Chess",
            "category": "",
            "minutes": "60",
            "place": "Riverton",
        },
        required=("kind", "title"),
        texts={"title": 100, "text": 4000, "skill": 50, "skill_2": 50, "skill_3": 50, "place": 80},
        choices=("kind", "category", "minutes"),
    ),
    Case(
        "post-changed",
        "/posts/{post}/edit",
        "alice",
        {"version": "1", "kind": "offer", "title": "A sofa", "text": "To give away", "category": "", "minutes": ""},
        required=("kind", "title"),
        texts={"title": 100, "text": 4000, "skill": 50, "place": 80},
        choices=("kind", "category", "minutes"),
    ),
    Case(
        "proposal",
        "/exchanges/with/{bob}",
        "alice",
        {
            "kind": "swap",
            "give": "Python",
            "give_minutes": "75",
            "get": "Spanish",
            "get_minutes": "75",
            "place": "Library",
            "note": "Gladly",
        },
        required=("kind",),
        texts={"give": 100, "get": 100, "place": 120, "link": 300, "note": 1000},
        choices=("kind", "give_minutes", "get_minutes"),
    ),
    Case(
        "counter-proposal",
        "/exchanges/{asked}/counter",
        "alice",
        {"version": "1", "kind": "gift", "give": "Python", "give_minutes": "60", "get": "", "get_minutes": "60"},
        required=("kind",),
        texts={"give": 100, "place": 120, "link": 300, "note": 1000},
        choices=("kind", "give_minutes"),
    ),
    Case(
        "recorded-hours",
        "/hours/record",
        "alice",
        {
            "direction": "helped-me",
            "others": ["{bob}"],
            "hours": "1",
            "minutes": "15",
            "done_on": LAST_WEEK,
            "category": "",
            "note": "Carried a sofa",
        },
        required=("direction", "done_on"),
        texts={"q": 60, "note": 500},
        choices=("direction", "category"),
    ),
    Case(
        "meeting",
        "/exchanges/{exchange}/sessions",
        "alice",
        {"starts_at": SOON, "minutes": "60", "place": "Library", "link": "https://example.org/call"},
        required=("starts_at",),
        texts={"place": 120, "link": 300},
        choices=("minutes",),
    ),
    Case(
        "gift",
        "/wallet/give",
        "alice",
        {"to": "{bob}", "purse": "0", "hours": "1", "minutes": "30", "reason": "Two loaves"},
        required=("hours", "minutes", "reason"),
        texts={"reason": 200},
    ),
    Case(
        "member-limit",
        "/admin/members/{bob}/limit",
        "mod",
        {"limit": "5", "reason": "In hospital until spring"},
        required=("limit", "reason"),
        texts={"limit": 40, "reason": 300},
    ),
    Case(
        "hour-rules",
        "/admin/settings/hours/rules",
        "admin",
        {"starting_minutes": "3", "credit_limit": "20"},
        required=("starting_minutes", "credit_limit"),
        texts={"starting_minutes": 40, "credit_limit": 40},
    ),
    Case(
        "organisation",
        "/admin/organisations/new",
        "mod",
        {"name": "Seed Library", "about": "Seeds to borrow.\n\nBring some back."},
        required=("name",),
        texts={"name": 60, "about": 500},
    ),
]


def filled(data: Data, by: Mapping[str, object]) -> dict[str, object]:
    """`data` with values in the place of braces."""
    return {key: _filled(value, by) for key, value in data.items()}


def _filled(value: object, by: Mapping[str, object]) -> object:
    if isinstance(value, list):
        return [_filled(each, by) for each in value]
    return value.format(**by) if isinstance(value, str) and value.startswith("{") else value


class Seen(HTMLParser):
    """What a page says, read quickly: that it is well-formed is the client's business."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.held: dict[str, list[str]] = {}
        self._select = self._area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids.add(found.get("id", ""))
        if tag == "a":
            self.links.add(found.get("href", ""))
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and "selected" in found:
            self._hold(self._select, found.get("value", ""))
        elif tag == "textarea":
            self._area = found["name"]
        elif tag == "input" and _is_sent(found):
            self._hold(found.get("name", ""), found.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._hold(self._area, data)
            self._area = ""

    def holds(self, name: str, value: str) -> bool:
        """Whether a browser would send `value` in `name` again, as far as it is stored text."""
        return any(clean_lines(value) in {clean_lines(text), clean(text)} for text in self.held.get(name, []))

    def tells_at(self, name: str) -> bool:
        """Whether the field `name` says what is wrong with it, beside itself and in the summary at the top."""
        at_field = any(each == f"{name}-error" or each.endswith(f"-{name}-error") for each in self.ids)
        at_top = any(link == f"#{name}" or (link.startswith("#") and link.endswith(f"-{name}")) for link in self.links)
        return at_field and at_top

    def _hold(self, name: str, value: str) -> None:
        self.held.setdefault(name, []).append(value)


def _is_sent(found: dict[str, str]) -> bool:
    kind = found.get("type", "text")
    return kind not in {"submit", "file"} and (kind not in {"radio", "checkbox"} or "checked" in found)
