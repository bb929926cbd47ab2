"""The pages of an organisation or the community pot for those who may act for it; for everybody else there is none."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.core.db import db
from app.wallet import statements
from app.wallet.charts import course_of
from app.wallet.routes.blueprint import blueprint, shared_book
from app.wallet.routes.overview import latest_lines
from app.wallet.routes.statement import csv_file, paper, statement_page


@blueprint.get("/organisations/<int:organisation_id>")
def organisation(organisation_id: int) -> ResponseReturnValue:
    book = shared_book(organisation_id)
    return render_template(
        "wallet/organisation.html",
        book=book,
        lines=latest_lines(book),
        course=course_of(book.wallet_id),
        people=db.session.execute(statements.acting_for(organisation_id)).all(),
    )


@blueprint.get("/organisations/<int:organisation_id>/statement")
def organisation_statement(organisation_id: int) -> ResponseReturnValue:
    return statement_page(shared_book(organisation_id))


@blueprint.get("/organisations/<int:organisation_id>/statement.csv")
def organisation_statement_csv(organisation_id: int) -> ResponseReturnValue:
    return csv_file(shared_book(organisation_id))


@blueprint.get("/organisations/<int:organisation_id>/statement/print")
def print_organisation_statement(organisation_id: int) -> ResponseReturnValue:
    return paper(shared_book(organisation_id))
