"""Exchanges: the list with what waits for the reader first, one of them, and the answers to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.viewer import me
from app.core.db import AnyRow, AnySelect, db
from app.core.errors import DomainError
from app.core.forms import shown_number
from app.core.paging import Key, page_of
from app.exchange import policy
from app.exchange.forms.exchanges import AnswerForm
from app.exchange.models import Exchange
from app.exchange.operations import answering, settling
from app.exchange.operations.rows import moved_on
from app.exchange.queries import exchanges as queries
from app.exchange.routes.blueprints import back_to, exchange_or_404, side_of
from app.exchange.routes.blueprints import exchanges_blueprint as blueprint
from app.exchange.shown import ExchangeCard, exchange_cards, page_about

LATEST_FIRST = (Key(Exchange.updated_at.expression, descending=True), Key(Exchange.id.expression, descending=True))
LARGEST_MINUTES = 100_000
LEG = re.compile(r"minutes_([0-9]{1,18})")


@blueprint.get("")
def index() -> ResponseReturnValue:
    over = request.args.get("over") == "1"
    statement = queries.exchanges_of(me, over=over)
    keys = LATEST_FIRST if over else (Key(statement.selected_columns.waits, descending=True), *LATEST_FIRST)
    page = page_of(statement, keys, _all)
    cards = exchange_cards(page.items)
    groups = _grouped(cards, over=over)
    return render_template("exchanges/index.html", page=page, groups=groups, over=over)


@blueprint.get("/<int:exchange_id>")
def show(exchange_id: int) -> ResponseReturnValue:
    return _page(exchange_or_404(exchange_id))


@blueprint.post("/<int:exchange_id>/acceptance")
def accept(exchange_id: int) -> ResponseReturnValue:
    exchange, form, sides = _asked(exchange_id)
    mine = side_of(sides)
    if not policy.can_answer_proposal(mine, exchange) and mine.accepted_at is None:
        return _gone(exchange)
    return _done(exchange_id, lambda: answering.accept(exchange_id, me.id, shown_number(form.version)), _("Agreed!"))


@blueprint.post("/<int:exchange_id>/refusal")
def decline(exchange_id: int) -> ResponseReturnValue:
    _exchange, form, _sides = _asked(exchange_id)
    said = _("Declined. You can propose something else at any time.")
    reason = form.reason.data or ""
    return _done(exchange_id, lambda: answering.decline(exchange_id, me.id, shown_number(form.version), reason), said)


@blueprint.post("/<int:exchange_id>/cancellation")
def cancel(exchange_id: int) -> ResponseReturnValue:
    _exchange, form, _sides = _asked(exchange_id)
    reason = form.reason.data or ""
    said = _("Cancelled. What was set aside is back.")
    return _done(exchange_id, lambda: answering.cancel(exchange_id, me.id, shown_number(form.version), reason), said)


@blueprint.post("/<int:exchange_id>/confirmation")
def confirm(exchange_id: int) -> ResponseReturnValue:
    """What was done, in minutes for each leg."""
    exchange_or_404(exchange_id)
    sent = ((LEG.fullmatch(name), value) for name, value in request.form.items())
    minutes = {int(leg[1]): _number(value) for leg, value in sent if leg}
    return _done(exchange_id, lambda: settling.confirm(exchange_id, me.id, minutes), _("Thank you, it is confirmed."))


@blueprint.post("/<int:exchange_id>/denial")
def deny(exchange_id: int) -> ResponseReturnValue:
    """It did not happen."""
    exchange_or_404(exchange_id)
    return _done(exchange_id, lambda: settling.deny(exchange_id, me.id), _("Noted: it did not happen."))


def _asked(exchange_id: int) -> tuple[Exchange, AnswerForm, list[AnyRow]]:
    """404 for a stranger, 422 for what is no answer."""
    exchange = exchange_or_404(exchange_id)
    sides = _all(queries.sides_of(exchange_id))
    form = AnswerForm()
    if not form.validate():
        abort(422)
    return exchange, form, sides


def _done(exchange_id: int, operation: Callable[[], Any], said: str) -> ResponseReturnValue:
    """A rule that says no is shown on the page itself, with the exchange as it is now."""
    try:
        operation()
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return _page(exchange_or_404(exchange_id), error)
    flash(said, "success")
    return back_to(exchange_id)


def _gone(exchange: Exchange) -> ResponseReturnValue:
    return _page(exchange, moved_on())


def _page(exchange: Exchange, error: DomainError | None = None) -> ResponseReturnValue:
    page = render_template("exchanges/show.html", error=error, **page_about(exchange))
    return page, error.status if error else 200


def _grouped(cards: list[ExchangeCard], *, over: bool) -> list[tuple[str, list[ExchangeCard]]]:
    if over:
        return [("", cards)] if cards else []
    waiting = [card for card in cards if card.waits]
    others = [card for card in cards if not card.waits]
    titled = ((_("Waits for you"), waiting), (_("Under way"), others))
    return [(title, group) for title, group in titled if group]


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else -1
    return min(number, LARGEST_MINUTES)


def _all(statement: AnySelect) -> list[AnyRow]:
    return list(db.session.execute(statement).all())
