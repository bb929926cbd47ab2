"""The one row of settings that a community's coordinators decide, and the links by which it is set up first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Changed, Created, Identified, Model
from app.core.types import Json

THE_ONE = 1
OPEN, INVITED, APPROVAL = "open", "invited", "approval"
EACH, SHARED = "each", "shared"
HOUR_SHARING = (EACH, SHARED)
JOINING = (OPEN, INVITED, APPROVAL)


class CommunitySettings(Changed, Model):
    """Exactly one row, made by the migration that makes the table.

    `joining` says who may become a member; `allowed_domains` holds the mail domains of those, folded, with a space
    between two, empty for any. `switches` holds what was decided about a feature; the `preset` answers for the rest.
    `mail_tested_at` is when a test mail last left; `welcomed_at` when the coordinators put their first steps away;
    `next_number` what the next member will be called by. `hour_sharing` says what help among several people costs: the
    full time for each of them, or their share of it. `starting_minutes` are what a new member is given, `credit_limit`
    how many minutes below zero everybody may go (app/wallet keeps both).
    """

    __tablename__ = "community_settings"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("length(name) > 0", name="name_given"),
        CheckConstraint("joining IN ('open', 'invited', 'approval')", name="joining_known"),
        CheckConstraint("hour_sharing IN ('each', 'shared')", name="hour_sharing_known"),
        CheckConstraint("starting_minutes BETWEEN 0 AND 60000", name="starting_minutes_range"),
        CheckConstraint("credit_limit BETWEEN 0 AND 600000", name="credit_limit_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=THE_ONE)
    name: Mapped[str] = mapped_column(String(80), default="Guildhall")
    place: Mapped[str] = mapped_column(String(80), default="")
    locale: Mapped[str] = mapped_column(String(10), default="en")
    public_directory: Mapped[bool] = mapped_column(default=False, server_default=false())
    logo_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("files.id", ondelete="SET NULL"))
    colour: Mapped[str] = mapped_column(String(20), default="teal", server_default="teal")
    joining: Mapped[str] = mapped_column(String(10), default=OPEN, server_default=OPEN)
    allowed_domains: Mapped[str] = mapped_column(String(1000), default="", server_default=text("''"))
    preset: Mapped[str] = mapped_column(String(20), default="everything", server_default="everything")
    switches: Mapped[dict[str, bool]] = mapped_column(Json, default=dict, server_default=text("'{}'"))
    mail_tested_at: Mapped[datetime | None]
    welcomed_at: Mapped[datetime | None]
    next_number: Mapped[int] = mapped_column(default=1, server_default="1")
    starting_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    credit_limit: Mapped[int] = mapped_column(default=0, server_default="0")
    hour_sharing: Mapped[str] = mapped_column(String(6), default=EACH, server_default=EACH)


class SetupLink(Identified, Created, Model):
    """A single-use link to the first set-up; of its token only the hash is kept. `step` is where to go on."""

    __tablename__ = "setup_links"
    __table_args__ = (UniqueConstraint("token_hash"), NEVER_REUSE_IDS)

    token_hash: Mapped[str] = mapped_column(String(64))
    step: Mapped[str] = mapped_column(String(10), default="preset", server_default="preset")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
