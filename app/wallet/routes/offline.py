"""The statement of a member who cannot sign in: coordinators look at it with them, and bring it on paper."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from app.wallet.routes.blueprint import blueprint, offline_book
from app.wallet.routes.statement import csv_file, paper, statement_page


@blueprint.get("/wallet/members/<int:member_id>/statement")
def offline_statement(member_id: int) -> ResponseReturnValue:
    return statement_page(offline_book(member_id))


@blueprint.get("/wallet/members/<int:member_id>/statement.csv")
def offline_statement_csv(member_id: int) -> ResponseReturnValue:
    return csv_file(offline_book(member_id))


@blueprint.get("/wallet/members/<int:member_id>/statement/print")
def print_offline_statement(member_id: int) -> ResponseReturnValue:
    return paper(offline_book(member_id))
