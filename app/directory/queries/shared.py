"""What the viewer and a member share: hours, place, languages and style, on which the bonuses stand.

The viewer's own few rows are read once for the whole statement.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.accounts.models import AvailabilityHour, User, UserLanguage
from app.directory.queries.binds import VIEWER

MemberId = ColumnElement[int] | InstrumentedAttribute[int]
MY_HOURS = (
    select(AvailabilityHour.hour).where(AvailabilityHour.user_id == VIEWER).cte("my_hours").prefix_with("MATERIALIZED")
)
MY_LANGUAGES = (
    select(UserLanguage.language).where(UserLanguage.user_id == VIEWER).cte("my_languages").prefix_with("MATERIALIZED")
)


class one_of(FunctionElement[bool]):  # noqa: N801 it stands in statements like a function
    """`one_of(column, subquery)`: IN, said so that PostgreSQL asks the subquery once and then an index for its rows."""

    type = Boolean()
    inherit_cache = True


@compiles(one_of)
def _in(element: one_of, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, found = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"{column} IN {found}"


@compiles(one_of, "postgresql")
def _any(element: one_of, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, found = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"{column} = ANY (ARRAY {found})"


def shared_hours(member_id: MemberId) -> ColumnElement[int]:
    theirs = aliased(AvailabilityHour)
    counted = select(func.count()).select_from(theirs)
    free_too = one_of(theirs.hour, select(MY_HOURS.c.hour).scalar_subquery())
    return counted.where(theirs.user_id == member_id, free_too).scalar_subquery()


def shared_language(member_id: MemberId) -> ColumnElement[str]:
    """A language that both speak (the first by its code), or NULL."""
    theirs = aliased(UserLanguage)
    return select(func.min(theirs.language)).where(theirs.user_id == member_id, _is_mine(theirs)).scalar_subquery()


def some_language_shared() -> ColumnElement[bool]:
    """Not so where both have said which languages they speak, and none is the same; who has not said may well."""
    theirs = aliased(UserLanguage)
    common = exists().where(theirs.user_id == User.id, _is_mine(theirs))
    return or_(common, ~both_say(User.id))


def both_say(member_id: MemberId) -> ColumnElement[bool]:
    """The viewer and the member have said which languages they speak."""
    theirs = aliased(UserLanguage)
    return and_(exists(select(MY_LANGUAGES.c.language)), exists().where(theirs.user_id == member_id))


def _is_mine(theirs: type[UserLanguage]) -> ColumnElement[bool]:
    return one_of(theirs.language, select(MY_LANGUAGES.c.language).scalar_subquery())


def same(column: Any) -> ColumnElement[str]:
    """What stands in `column` of both, "" where they differ."""
    me = aliased(User)
    mine = select(getattr(me, column.key)).where(me.id == VIEWER).scalar_subquery()
    return case((column == mine, column), else_="")
