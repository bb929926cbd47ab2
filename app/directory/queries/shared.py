"""What the viewer and a member share: hours, place, languages and style, on which the bonuses stand.

The viewer's own few rows are read once for the whole statement.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, case, exists, func, literal, or_, select
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
ME = (
    select(User.place_key, User.learning_style, User.languages_key)
    .where(User.id == VIEWER)
    .cte("me")
    .prefix_with("MATERIALIZED")
)
# Nothing in common, not said by one of the two, at least one in common.
FOREIGN, UNSAID, COMMON = 0, 1, 2


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
    is_mine = one_of(theirs.language, select(MY_LANGUAGES.c.language).scalar_subquery())
    return select(func.min(theirs.language)).where(theirs.user_id == member_id, is_mine).scalar_subquery()


def languages() -> ColumnElement[int]:
    """FOREIGN, UNSAID or COMMON, of the viewer and the row of a member."""
    mine, theirs = _mine("languages_key"), User.languages_key
    named = theirs.contains(literal(" ").concat(MY_LANGUAGES.c.language).concat(" "))
    return case((or_(theirs == "", mine == ""), UNSAID), (exists().where(named), COMMON), else_=FOREIGN)


def same(column: Any) -> ColumnElement[str]:
    """What stands in `column` of both, "" where they differ."""
    return case((column == _mine(column.key), column), else_="")


def _mine(column: str) -> ColumnElement[str]:
    return select(ME.c[column]).scalar_subquery()
