"""What the viewer and a member share: hours, place, languages and style, on which the bonuses stand.

The viewer's own few rows are read once for the whole statement.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import AvailabilityHour, User, UserLanguage
from app.directory import scoring
from app.directory.queries.binds import VIEWER

MY_HOURS = (
    select(AvailabilityHour.hour).where(AvailabilityHour.user_id == VIEWER).cte("my_hours").prefix_with("MATERIALIZED")
)
MY_LANGUAGES = (
    select(UserLanguage.language).where(UserLanguage.user_id == VIEWER).cte("my_languages").prefix_with("MATERIALIZED")
)


def shared_hours() -> ColumnElement[int]:
    theirs = aliased(AvailabilityHour)
    counted = select(func.count()).select_from(theirs)
    free_too = theirs.hour.in_(select(MY_HOURS.c.hour))
    return counted.where(theirs.user_id == User.id, free_too).scalar_subquery()


def shared_language() -> ColumnElement[str]:
    """A language that both speak (the first by its code), or NULL."""
    theirs = aliased(UserLanguage)
    spoken_too = theirs.language.in_(select(MY_LANGUAGES.c.language))
    return select(func.min(theirs.language)).where(theirs.user_id == User.id, spoken_too).scalar_subquery()


def some_language_shared() -> ColumnElement[bool]:
    """Not so where both have said which languages they speak, and none is the same; who has not said may well."""
    theirs = aliased(UserLanguage)
    common = exists().where(theirs.user_id == User.id, theirs.language.in_(select(MY_LANGUAGES.c.language)))
    return or_(common, ~both_say(User.id))


def both_say(member_id: Any) -> ColumnElement[bool]:
    """The viewer and the member have said which languages they speak."""
    theirs = aliased(UserLanguage)
    return and_(exists(select(MY_LANGUAGES.c.language)), exists().where(theirs.user_id == member_id))


def same(column: Any) -> ColumnElement[str]:
    """What stands in `column` of both, "" where they differ."""
    me = aliased(User)
    mine = select(getattr(me, column.key)).where(me.id == VIEWER).scalar_subquery()
    return case((column == mine, column), else_="")


def bonus_of_row() -> ColumnElement[int]:
    """The bonuses for what stands in the member's own row: place and style."""
    place = scoring.bonus_if_sql(same(User.place_key) != "", scoring.PLACE_BONUS)
    return place + scoring.bonus_if_sql(same(User.learning_style) != "", scoring.STYLE_BONUS)
