"""One transfer, as either side sees it."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from app.accounts.viewer import me
from app.core.db import db
from app.wallet import statements
from app.wallet.kinds import ORGANISATION
from app.wallet.lines import line_of, sides
from app.wallet.routes.blueprint import blueprint


@blueprint.get("/wallet/transfers/<int:transfer_id>")
def transfer(transfer_id: int) -> ResponseReturnValue:
    row = db.session.execute(statements.transfer_for(me, transfer_id)).first() or abort(404)
    others = sides(statements.sides_of(me, row.wallet_id, [transfer_id]))[transfer_id]
    return render_template(
        "wallet/transfer.html",
        line=line_of(row, others, me.id, row.currency),
        others=others,
        is_shared=row.wallet_kind == ORGANISATION,
        reverses=row.reverses_id,
        reversed_by=row.reversed_by,
    )
