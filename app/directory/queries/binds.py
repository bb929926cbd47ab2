"""Statements of the directory are built once for each shape of a question; what is asked for is bound when they run.

Building one of them costs as many milliseconds as the database needs to answer it.
"""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import BigInteger, BindParameter, Integer, String, bindparam

from app.accounts.queries import Looking
from app.core.types import UTCDateTime

Values = dict[str, Any]

VIEWER: BindParameter[int] = bindparam("viewer", type_=BigInteger())
MOMENT: BindParameter[datetime] = bindparam("moment", type_=UTCDateTime())
# Whoever looks, for queries of other packages that take a viewer.
LOOKING = cast("Looking", SimpleNamespace(id=VIEWER))


def moment_of(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=UTCDateTime())


def number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=Integer())


def numbers(name: str) -> BindParameter[int]:
    """Any of several, for `column.in_`."""
    return bindparam(name, type_=BigInteger(), expanding=True)


def word(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String())


def words(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String(), expanding=True)
