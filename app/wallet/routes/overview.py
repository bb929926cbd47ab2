"""The first page of one's wallet: what there is, what is set aside, the latest lines and the year."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts.viewer import me
from app.core.db import db
from app.core.money import TIME
from app.wallet import statements
from app.wallet.charts import course_of
from app.wallet.lines import Line, drawn
from app.wallet.routes.blueprint import Book, blueprint, own_books, shared_books

LATEST = 8


@blueprint.get("/wallet")
def index() -> ResponseReturnValue:
    book, *others = own_books()
    held = db.session.execute(statements.held_by(me)).all() if book.wallet_id else []
    return render_template(
        "wallet/index.html",
        book=book,
        others=others,
        shared=shared_books(),
        held=[row for row in held if row.currency == TIME],
        lines=latest_lines(book),
        course=course_of(book.wallet_id, book.currency),
    )


def latest_lines(book: Book) -> list[Line]:
    if book.wallet_id is None:
        return []
    latest = statements.lines_of(me, book.wallet_id).order_by(statements.NEWEST).limit(LATEST)
    return drawn(me, book.wallet_id, db.session.execute(latest).all(), book.currency, member_id=book.member_id)
