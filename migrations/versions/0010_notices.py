"""Notices, how members want them, digests and announcements; mail for many waits behind mail for one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UNREAD, READ = sa.text("read_at IS NULL"), sa.text("read_at IS NOT NULL")
HELD = sa.text("read_at IS NULL AND shows_at > created_at")
OPENS_UNREAD_BURST = sa.text("opens_burst AND read_at IS NULL")
WAITS_FOR_DIGEST = sa.text("channel = 'digest' AND read_at IS NULL AND mailed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("group_key", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("opens_burst", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("shows_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("mailed_at", MOMENT, nullable=True),
        sa.Column("from_id", sa.BigInteger(), nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("channel IN ('in_app', 'mail', 'digest')", name=op.f("ck_notices_channel_known")),
        sa.CheckConstraint("url LIKE '/%'", name=op.f("ck_notices_url_local")),
        sa.CheckConstraint("length(key) > 0 AND length(group_key) > 0", name=op.f("ck_notices_keys_given")),
        sa.CheckConstraint("NOT opens_burst OR channel = 'mail'", name=op.f("ck_notices_burst_of_mail")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notices_user_id_users"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["from_id"], ["users.id"], name=op.f("fk_notices_from_id_users"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_notices_user_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_notices_one_burst",
        "notices",
        ["user_id", "group_key"],
        unique=True,
        postgresql_where=OPENS_UNREAD_BURST,
        sqlite_where=OPENS_UNREAD_BURST,
    )
    op.create_index(
        "ix_notices_unread",
        "notices",
        ["user_id", "group_key", "kind", "shows_at"],
        postgresql_where=UNREAD,
        sqlite_where=UNREAD,
    )
    op.create_index("ix_notices_held", "notices", ["shows_at"], postgresql_where=HELD, sqlite_where=HELD)
    op.create_index("ix_notices_user_id_created_at_id", "notices", ["user_id", "created_at", "id"])
    op.create_index("ix_notices_key", "notices", ["key"])
    op.create_index("ix_notices_read_at", "notices", ["read_at"], postgresql_where=READ, sqlite_where=READ)
    op.create_index(
        "ix_notices_digest", "notices", ["user_id"], postgresql_where=WAITS_FOR_DIGEST, sqlite_where=WAITS_FOR_DIGEST
    )
    op.create_table(
        "notice_preferences",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.CheckConstraint(
            "channel IN ('in_app', 'mail', 'digest', 'off')", name=op.f("ck_notice_preferences_channel_known")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notice_preferences_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notice_preferences")),
    )
    op.create_table(
        "looking_at",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("group_key", sa.String(length=120), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_looking_at_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "group_key", name=op.f("pk_looking_at")),
    )
    op.create_index("ix_looking_at_until", "looking_at", ["until"])
    op.create_table(
        "notice_digests",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('daily', 'weekly')", name=op.f("ck_notice_digests_kind_known")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notice_digests_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "kind", "period", name=op.f("pk_notice_digests")),
    )
    op.create_index("ix_notice_digests_created_at", "notice_digests", ["created_at"])
    add_announcements()
    op.drop_index("ix_email_outbox_due", "email_outbox")
    op.add_column("email_outbox", sa.Column("is_bulk", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_email_outbox_due", "email_outbox", ["state", "is_bulk", "next_try_at"])


def add_announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.String(length=5000), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("place_key", sa.String(length=240), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("reached_id", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'sending', 'sent', 'discarded')", name=op.f("ck_announcements_state_known")
        ),
        sa.CheckConstraint("role IN ('', 'member', 'moderator', 'admin')", name=op.f("ck_announcements_role_known")),
        sa.CheckConstraint("length(title) > 0 AND length(body) > 0", name=op.f("ck_announcements_words_given")),
        sa.CheckConstraint("told >= 0 AND reached_id >= 0", name=op.f("ck_announcements_progress_range")),
        sa.CheckConstraint(
            "(state IN ('sending', 'sent')) = (published_at IS NOT NULL)",
            name=op.f("ck_announcements_published_has_time"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_announcements_author_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_announcements_state", "announcements", ["state"])
    op.create_index("ix_announcements_created_at_id", "announcements", ["created_at", "id"])
    op.create_table(
        "announcement_events",
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_announcement_events_actor_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["row_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_events_row_id_announcements"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_announcement_events_row_id", "announcement_events", ["row_id"])
    keep_append_only("announcement_events")


def keep_append_only(table: str) -> None:
    """The triggers of app.core.triggers, in each dialect's words."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER tr_{table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for verb, scope in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER tr_{table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"FOR EACH {scope} EXECUTE FUNCTION {table}_append_only()"
        )


def downgrade() -> None:
    op.drop_index("ix_email_outbox_due", "email_outbox")
    op.drop_column("email_outbox", "is_bulk")
    op.create_index("ix_email_outbox_due", "email_outbox", ["state", "next_try_at"])
    op.drop_table("announcement_events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION announcement_events_append_only()")
    for table in ("announcements", "notice_digests", "looking_at", "notice_preferences", "notices"):
        op.drop_table(table)
