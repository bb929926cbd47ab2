"""The two pages of the directory, from filters to what a template draws; each statement runs once a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Row

from app.accounts.viewer import Viewer
from app.core.clock import now
from app.core.db import AnySelect, db
from app.core.paging import Key, Page, page_of
from app.directory.cards import match_cards, member_cards
from app.directory.filters import LEARN, TEACH, Arguments, MatchFilters, match_direction, match_filters, member_filters
from app.directory.panel import Counts, panel, weekday_names
from app.directory.queries import entries, facets, matches
from app.directory.queries import members as found
from app.directory.scoring import SCORE_MOST
from app.directory.week import offset_minutes, utc_hours


def members_page(viewer: Any, arguments: Arguments) -> dict[str, Any]:
    """`cards`, `page` (its addresses), `panel` and `filters` of the search; `viewer` may be a stranger."""
    moment, signed_in = now(), viewer.is_authenticated
    filters = member_filters(arguments, signed_in)
    offset = offset_minutes(viewer.timezone or "UTC", moment)
    hours = utc_hours(filters.weekday, filters.part, offset)
    page = page_of(found.members(viewer, filters, hours, moment), found.ORDERS[filters.sort], _all)
    counts = Counts(_all(facets.facets(viewer, filters, hours, moment, offset)))
    here = url_for("directory.members")
    cards = member_cards(
        page.items,
        _all(entries.card_details([row.id for row in page.items], moment, languages=signed_in)),
        prefix=f"{here}/",
        skill_prefix=f"{here}?skill=",
        signed_in=signed_in,
        sought=lambda skill: skill.slug == filters.skill or any(word in skill.name_key for word in filters.words),
    )
    return {"cards": cards, "page": page, "filters": filters, "panel": panel(filters, counts, arguments, here)}


def mutual_page(viewer: Viewer, arguments: Arguments) -> dict[str, Any]:
    """`cards`, `page`, `facts` and `filters` of the mutual matches."""
    moment, filters = now(), match_filters(arguments)
    hours = _filter_hours(viewer, filters, moment)
    statement = matches.mutual(viewer, filters, hours, moment)
    return _matches_page(viewer, statement, filters, (TEACH, LEARN), moment)


def one_way_page(viewer: Viewer, arguments: Arguments) -> dict[str, Any]:
    """The same of the one-way matches, and their `direction`."""
    moment, filters, direction = now(), match_filters(arguments), match_direction(arguments)
    hours = _filter_hours(viewer, filters, moment)
    statement = matches.one_way(viewer, direction, filters, hours, moment)
    return {**_matches_page(viewer, statement, filters, (direction,), moment), "direction": direction}


def _matches_page(
    viewer: Viewer, statement: AnySelect, filters: MatchFilters, directions: Sequence[str], moment: datetime
) -> dict[str, Any]:
    columns = statement.selected_columns
    page: Page[Row[Any]] = page_of(statement, (Key(columns.score, descending=True), Key(columns.id)), _all)
    ids = [row.id for row in page.items]
    met = _all(matches.meetings(viewer, ids, directions, moment)) if ids else []
    facts = _all(entries.own_facts(viewer, moment))
    return {
        "cards": match_cards(page.items, met, prefix=f"{url_for('directory.members')}/"),
        "page": page,
        "filters": filters,
        "offers": [fact for fact in facts if fact.kind == "offer"],
        "wants": [fact for fact in facts if fact.kind == "want"],
        "languages": [fact.slug for fact in facts if fact.kind == entries.LANGUAGE],
        "weekdays": weekday_names(),
        "most": SCORE_MOST,
    }


def _filter_hours(viewer: Viewer, filters: MatchFilters, moment: datetime) -> list[int]:
    return utc_hours(filters.weekday, "", offset_minutes(viewer.timezone, moment))


def _all(statement: Any) -> Sequence[Row[Any]]:
    return db.session.execute(statement).all()
