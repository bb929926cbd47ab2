"""Members whom coordinators look after, for the pages that show them."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts import operations, tokens
from app.accounts.models import EmailChange, User
from app.accounts.operations import Record
from app.accounts.states import change_state
from app.core.db import db
from app.skills.operations import Details, add
from tests.directory.people import skill_id
from tests.world import World


def add_cared_for(ids: World) -> dict[str, int | str]:
    """Olga without e-mail, who was offered a sign-in, and Otto, who was there twice. Commits."""
    record = Record("Olga Ortiz", None, "+34 600 123 456", "members", "Weir Side", ("es", "en"), "she/her")
    note = {"bio": "Has kept bees for thirty years.", "coordinators_note": "Hears badly:\nring twice, then call by."}
    olga = operations.add_offline(Record(**{**vars(record), **note}), ids.mod).id
    add(olga, "offer", skill_id("Chess"), Details(4, note="with children"))
    add(olga, "want", skill_id("Python"), Details(1))
    otto, double = (operations.add_offline(Record(name), ids.mod).id for name in ("Otto Oak", "O. Oak"))
    operations.merge_members(otto, double, ids.mod)
    operations.offer_sign_in(olga, "olga@example.org", ids.mod)
    db.session.commit()
    change = db.session.scalars(select(EmailChange).where(EmailChange.user_id == olga)).one()
    token = tokens.sign(tokens.CLAIM, change.id, change_state(db.session.get_one(User, olga), change))
    return {"offline": olga, "merged": otto, "claim": token}
