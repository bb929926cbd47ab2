"""The two pages of the directory, from filters to what a template draws; each statement runs once a page."""

from __future__ import annotations

from typing import Any

from flask import url_for

from app.accounts.viewer import Viewer
from app.core.clock import now
from app.core.paging import PAGE_SIZE, page_of
from app.directory.cards import match_cards, member_cards
from app.directory.fairness import arranged
from app.directory.fetching import fetching, met_by, rows_of
from app.directory.filters import Arguments, match_direction, match_filters, member_filters
from app.directory.panel import Counts, panel, weekday_names
from app.directory.queries import entries, facets, matches
from app.directory.queries import members as found
from app.directory.queries.unlocks import UNLOCKS
from app.directory.scoring import SCORE_MOST
from app.directory.week import offset_minutes, utc_hours
from app.skills.models import OFFER, WANT


def members_page(viewer: Any, arguments: Arguments) -> dict[str, Any]:
    """`cards`, `page` (its addresses), `panel` and `filters` of the search; `viewer` may be a stranger."""
    moment, signed_in = now(), viewer.is_authenticated
    filters = member_filters(arguments, signed_in)
    offset = offset_minutes(viewer.timezone or "UTC", moment)
    hours = utc_hours(filters.weekday, filters.part, offset)
    shape, values = found.shape_of(filters, signed_in), found.values(viewer, filters, hours, moment)
    order, first = found.ORDERS[filters.sort], found.first_page(shape, filters.sort)
    page = page_of(found.members(shape), order, fetching(values), first=first)
    counts = Counts(rows_of(facets.facets(shape), {**values, **facets.values(filters, offset)}))
    shown = {"member_ids": [row.id for row in page.items], "moment": moment}
    here = url_for("directory.members")
    cards = member_cards(
        page.items,
        rows_of(entries.card_details(languages=signed_in), shown),
        prefix=f"{here}/",
        skill_prefix=f"{here}?skill=",
        signed_in=signed_in,
        sought=lambda skill: skill.slug == filters.skill or any(word in skill.name_key for word in filters.words),
    )
    return {"cards": cards, "page": page, "filters": filters, "panel": panel(filters, counts, arguments, here)}


def mutual_page(viewer: Viewer, arguments: Arguments) -> dict[str, Any]:
    """What the page of mutual matches shows."""
    return _matches_page(viewer, arguments, "")


def one_way_page(viewer: Viewer, arguments: Arguments) -> dict[str, Any]:
    """The same of the one-way matches, and their `direction`."""
    direction = match_direction(arguments)
    return {**_matches_page(viewer, arguments, direction), "direction": direction}


def _matches_page(viewer: Viewer, arguments: Arguments, direction: str) -> dict[str, Any]:
    moment, filters = now(), match_filters(arguments)
    hours = utc_hours(filters.weekday, "", offset_minutes(viewer.timezone, moment))
    values = matches.values(viewer, moment, filters, hours)
    cursor = arguments.get("after") or arguments.get("before")
    shape = matches.shape_of(direction, filters, best=0 if cursor else PAGE_SIZE + 1, fair=True)
    scored = matches.scored(shape)
    page = page_of(scored, matches.order(scored), fetching(values), first=matches.first_page(shape))
    # A list that goes on for another page needs no advice.
    unlocking = not (direction or filters.active or cursor or page.next_url)
    facts = rows_of(entries.own_facts(unlocking=unlocking), values)
    prefix = f"{url_for('directory.members')}/"
    return {
        "cards": match_cards(arranged(page.items), met_by(page.items, values, direction), prefix),
        "page": page,
        "filters": filters,
        "offers": [fact for fact in facts if fact.kind == OFFER],
        "wants": [fact for fact in facts if fact.kind == WANT],
        "languages": [fact.slug for fact in facts if fact.kind == entries.LANGUAGE],
        "unlocks": [fact for fact in facts if fact.kind in UNLOCKS.values()],
        "weekdays": weekday_names(),
        "most": SCORE_MOST,
    }
