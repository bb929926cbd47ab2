"""What every template has at hand: addresses of assets, times in words, names of languages, the navigation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from babel import Locale
from flask import Flask, request, url_for
from flask_babel import format_date, format_datetime, format_timedelta, get_locale, gettext
from jinja2 import StrictUndefined

from app.core import assets, i18n, money, switches
from app.core.access import is_within_reach
from app.core.clock import now
from app.core.registry import Entry, Verb, registry

NEAR = timedelta(days=6)
THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"


@dataclass(frozen=True)
class Place:
    """An entry of the navigation as this reader sees it."""

    key: str
    label: str
    icon: str
    url: str
    active: bool
    badge: int
    phone: bool
    part_url: str = ""
    topic: str = ""
    children: tuple[Place, ...] = ()


@dataclass(frozen=True)
class VerbLink:
    label: str
    icon: str
    url: str


def init_app(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    names: dict[str, Any] = {
        "asset": assets.asset,
        "navigation": navigation,
        "verbs": verbs,
        "chat_verbs": chat_verbs,
        "theme": theme,
        "page_language": page_language,
        "site_languages": i18n.LOCALES,
        "language_name": language_name,
        "initials": initials,
    }
    app.jinja_env.globals.update(names)
    app.jinja_env.filters.update(
        relative_time=relative_time, exact_time=exact_time, plain_date=plain_date, amount=money.format_amount
    )


def theme() -> str:
    """The reader's choice, from a cookie, so that the server draws it and nothing flashes."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"


def relative_time(moment: datetime) -> str:
    """ "3 hours ago" when near, the date when far."""
    distance = moment - now()
    if abs(distance) < NEAR:
        return format_timedelta(distance, add_direction=True)
    return plain_date(moment)


def exact_time(moment: datetime) -> str:
    """To the minute, with the zone, for the title of a relative time; each language has its own order of parts."""
    return format_datetime(moment, gettext("d MMMM y, HH:mm zzz"))


def plain_date(moment: datetime) -> str:
    return format_date(moment, gettext("d MMM y"))


def page_language() -> str:
    """The tag for <html lang>, for example "pt-BR"."""
    return str(get_locale() or "en").replace("_", "-")


def language_name(code: str) -> str:
    """The name of a language in the reader's own, "Spanish" for es; the code itself when nobody knows it."""
    name: str = (get_locale() or Locale("en")).languages.get(code, "")
    return name[:1].upper() + name[1:] if name else code


def initials(name: str) -> str:
    """Up to two letters that stand for a name until there is a picture."""
    words = [word for word in name.split() if word[0].isalnum()] or [name]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


def navigation(viewer: Any) -> tuple[Place, ...]:
    """The main places of `viewer` in order, each with the places below it."""
    below: dict[str, list[Entry]] = {}
    for entry in registry().navigation:
        if (not entry.roles or viewer.role in entry.roles) and switches.leads_somewhere(entry.endpoint):
            below.setdefault(entry.parent, []).append(entry)
    places = (_grown(entry, viewer, below) for entry in below.get("", []))
    return tuple(place for place in places if place)


def verbs(viewer: Any) -> tuple[VerbLink, ...]:
    """What `viewer` can start; nothing for strangers."""
    if not viewer.is_authenticated:
        return ()
    if viewer.hurdle:
        return ()
    shown = [verb for verb in registry().verbs if switches.leads_somewhere(verb.endpoint)]
    return tuple(VerbLink(str(verb.label), verb.icon, _url_of(verb)) for verb in shown)


def chat_verbs(member_id: int) -> tuple[VerbLink, ...]:
    """What the reader and this member can begin together."""
    shown = [verb for verb in registry().chat_verbs if switches.leads_somewhere(verb.endpoint)]
    return tuple(VerbLink(str(verb.label), verb.icon, url_for(verb.endpoint, member_id=member_id)) for verb in shown)


def _url_of(verb: Verb) -> str:
    values: dict[str, Any] = dict(verb.values)
    return url_for(verb.endpoint, **values)


def _place(entry: Entry, viewer: Any) -> Place:
    badge = viewer.badges.get(entry.badge, 0)
    url = url_for(entry.endpoint, member_id=viewer.id) if entry.own else url_for(entry.endpoint)
    here = request.path == url if entry.own else request.endpoint in {entry.endpoint, *entry.endpoints}
    part_url = url_for(entry.part) if entry.part else ""
    return Place(entry.key, str(entry.label), entry.icon, url, here, badge, entry.phone, part_url, entry.topic)


def _grown(entry: Entry, viewer: Any, below: dict[str, list[Entry]]) -> Place | None:
    """The place with its children and theirs; it is active where one of them is, and counts what they count.

    None for what a hurdle keeps the member from.
    """
    place = _place(entry, viewer)
    if not is_within_reach(entry.endpoint, place.url, viewer):
        return None
    grown = (_grown(child, viewer, below) for child in below.get(entry.key, []))
    children = tuple(child for child in grown if child)
    active = place.active or any(child.active for child in children)
    badge = place.badge + sum(child.badge for child in children)
    return replace(place, children=children, active=active, badge=badge)
