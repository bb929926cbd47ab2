"""What a member finds in the mail: the outbox, rendered as it would be sent."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.core import outbox
from app.core.db import db
from app.core.models import OutboxMail


def received(kind: str = "") -> list[outbox.RenderedMail]:
    """The mails of `kind` that would be sent now, the latest last."""
    rows = db.session.scalars(select(OutboxMail).where(OutboxMail.kind.contains(kind)).order_by(OutboxMail.id)).all()
    rendered = [outbox.render(row) for row in rows]
    db.session.rollback()
    return [mail for mail in rendered if mail]


def link(kind: str, number: int = 0) -> str:
    """The path of a link in the latest mail of `kind`."""
    return re.findall(r"https?://[^/\s]+(/\S+)", received(kind)[-1].text)[number]
