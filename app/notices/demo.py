"""An announcement of the demo community, told to everybody, and one that a coordinator is still writing."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from app.notices.audience import is_reached
from app.notices.kinds import ANNOUNCEMENT
from app.notices.models import Announcement, Notice
from app.notices.operations.announcing import Wording, draft, key_of, send
from app.notices.operations.telling import tell_all

AUTHOR = "mod@example.org"
SUMMER = Wording(
    "Summer gathering on the first Saturday",
    "We meet at **three in the afternoon** in the garden behind the library.\n\n"
    "* Bring something to share: a dish, a song, a skill.\n"
    "* Newcomers are shown around from half past two.\n\n"
    "Tell us by Wednesday whether you come, so that there are enough chairs.",
)
WORKSHOP = Wording(
    "Who lends us a sewing machine?",
    "For the repair afternoon we need two more sewing machines. They come back the same evening.",
    category="crafts-repair",
)


def load(_preset: str) -> None:
    """Adds both; the caller commits. Nobody is mailed: the demo's members have no boxes."""
    author = db.session.scalars(select(User.id).where(User.email_key == AUTHOR)).one()
    summer = draft(author, SUMMER)
    send(summer.id, author, summer.version)
    everybody = list(db.session.scalars(select(User.id).where(is_reached(summer)).order_by(User.id)))
    params = {"id": summer.id, "title": summer.title}
    url = f"/notices/announcements/{summer.id}"
    summer.told = tell_all(everybody, ANNOUNCEMENT, params, url, key_of(summer.id), actor_id=author)
    summer.reached_id = everybody[-1]
    moment = now() - timedelta(days=2)
    db.session.execute(update(Notice).values(created_at=moment, shows_at=moment))
    db.session.execute(update(OutboxMail).where(OutboxMail.kind == ANNOUNCEMENT).values(state="cancelled"))
    db.session.get_one(Announcement, summer.id).published_at = moment
    draft(author, WORKSHOP)
