"""All lines of a wallet: filtered, page by page, as a CSV file, and on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale, pgettext
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts.viewer import Viewer, me
from app.core.clock import now
from app.core.db import AnyRow, AnySelect, db, intending
from app.core.money import TIME, plain_amount
from app.core.paging import Key, Page, page_of
from app.core.sheets import csv_lines
from app.core.text import clean
from app.wallet import statements
from app.wallet.kinds import TRANSFER_LABELS
from app.wallet.lines import Line, drawn
from app.wallet.models import Posting
from app.wallet.routes.blueprint import Book, blueprint, own_book
from app.wallet.statements import Filters

ROWS_AT_ONCE = 500
MOST_PRINTED = 1000
LONGEST_SEARCH = 60
DIRECTIONS = (statements.IN, statements.OUT)
KINDS = ("gift", "exchange", "hold", "release", "refund", "grant", "opening", "transfer", "adjustment", "reversal")


@blueprint.get("/wallet/statement")
def statement() -> ResponseReturnValue:
    return statement_page(_own())


@blueprint.get("/wallet/statement.csv")
def statement_csv() -> ResponseReturnValue:
    return csv_file(_own())


@blueprint.get("/wallet/statement/print")
def print_statement() -> ResponseReturnValue:
    return paper(_own())


def statement_page(book: Book) -> ResponseReturnValue:
    wanted = filters()
    page: Page[AnyRow] = Page([])
    lines: list[Line] = []
    if book.wallet_id is not None:
        keys = [Key(Posting.wallet_version.expression, descending=True)]
        page = page_of(statements.lines_of(me, book.wallet_id, wanted), keys, _all)
        lines = drawn(me, book.wallet_id, page.items, book.currency, member_id=book.member_id)
    return render_template(
        "wallet/statement.html", book=book, page=page, lines=lines, wanted=wanted, **_choices(), query=_query()
    )


def csv_file(book: Book) -> ResponseReturnValue:
    name = f"statement-{now():%Y-%m-%d}.csv"
    rows = csv_lines(_table(_Reader.here(), book, filters()))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(rows, mimetype="text/csv", headers=headers)


def paper(book: Book) -> ResponseReturnValue:
    """The newest lines, in the order in which they happened."""
    wanted = filters()
    rows: Sequence[AnyRow] = []
    lines: list[Line] = []
    if book.wallet_id is not None:
        found = statements.lines_of(me, book.wallet_id, wanted).order_by(statements.NEWEST)
        rows = _all(found.limit(MOST_PRINTED + 1))
        lines = drawn(me, book.wallet_id, rows[:MOST_PRINTED][::-1], book.currency, member_id=book.member_id)
    return render_template(
        "wallet/print.html",
        book=book,
        lines=lines,
        most=MOST_PRINTED if len(rows) > MOST_PRINTED else 0,
        wanted=wanted,
        today=now(),
        query=_query(),
        **_choices(),
    )


def filters() -> Filters:
    """What the address asks for; what cannot be read is left out."""
    direction, kind = request.args.get("direction", ""), request.args.get("kind", "")
    until = _day("until")
    return Filters(
        since=_midnight(_day("since")),
        until=_midnight(until + timedelta(days=1)) if until else None,
        direction=direction if direction in DIRECTIONS else "",
        kind=kind if kind in TRANSFER_LABELS else "",
        other=clean(request.args.get("other", ""))[:LONGEST_SEARCH],
    )


def _own() -> Book:
    return own_book(request.args.get("currency", TIME))


def _choices() -> dict[str, Any]:
    """What the filters' form shows as chosen and offers."""
    return {
        "chosen": {name: day.isoformat() if (day := _day(name)) else "" for name in ("since", "until")},
        "kind_labels": {kind: TRANSFER_LABELS[kind] for kind in KINDS},
    }


def _query() -> str:
    """The filters as they stand in the address, for the other shapes of the same statement."""
    names = ("since", "until", "direction", "kind", "other", "currency")
    kept = {name: request.args[name] for name in names if request.args.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


@dataclass(frozen=True)
class _Reader:
    """Who downloads: by the time the file is written the request is over."""

    app: Flask
    viewer: Viewer
    locale: str
    zone: tzinfo

    @classmethod
    def here(cls) -> _Reader:
        app, viewer = (proxy._get_current_object() for proxy in (current_app, current_user))  # type: ignore[attr-defined]
        return cls(app, viewer, str(get_locale() or "en"), ZoneInfo(viewer.timezone))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A connection and the reader's language for a moment."""
        with self.app.app_context(), force_locale(self.locale), intending("read"):
            yield


def _table(reader: _Reader, book: Book, wanted: Filters) -> Iterator[list[object]]:
    """Header and rows, the oldest first; some at a time, so that a slow reader holds no connection."""
    with reader.reading():
        head = _head(book)
    yield head
    last = 0
    while book.wallet_id is not None:
        with reader.reading():
            some = statements.lines_of(reader.viewer, book.wallet_id, wanted).where(Posting.wallet_version > last)
            rows = _all(some.order_by(Posting.wallet_version).limit(ROWS_AT_ONCE))
            lines = drawn(reader.viewer, book.wallet_id, rows, book.currency, member_id=book.member_id)
        for line in lines:
            at = line.at.astimezone(reader.zone)
            amounts = (_number(line.amount, book.currency), _number(line.balance, book.currency))
            day = (line.transfer_id, at.date().isoformat(), f"{at:%H:%M}")
            yield [*day, line.title, line.kind, line.text, *amounts, line.actor]
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1].wallet_version


def _head(book: Book) -> list[object]:
    unit = _("minutes") if book.currency == TIME else book.currency
    return [
        *(_("No."), _("Date"), pgettext("of day", "Time"), _("With"), _("Kind"), _("What for")),
        *(_("Amount (%(unit)s)", unit=unit), _("Balance (%(unit)s)", unit=unit), _("Done by")),
    ]


def _number(amount: int, currency: str) -> object:
    """Minutes as a whole number, money as one with its decimal places: both can be added up."""
    return amount if currency == TIME else Decimal(plain_amount(amount, currency))


def _day(name: str) -> date | None:
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if 1970 <= day.year < 3000 else None


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(me.timezone)) if day else None


def _all(found: AnySelect) -> list[AnyRow]:
    return list(db.session.execute(found).all())
