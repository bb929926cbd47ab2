"""Posts, exchanges with their legs, sides and sessions, and recorded hours; reports may be about posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
EVENTS = ("post_events", "exchange_events", "hour_record_events")
TABLES = (
    "hour_record_events", "hour_record_people", "hour_records", "exchange_events", "exchange_sessions",
    "exchange_legs", "exchange_sides", "exchanges", "post_events", "post_skills", "posts",
)  # fmt: skip


def upgrade() -> None:
    make_posts()
    make_exchanges()
    make_hours()
    for table in EVENTS:
        keep_append_only(table)
    let_reports_be_about("'member', 'message', 'post'")


def make_posts() -> None:
    op.create_table(
        "posts",
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.String(length=240), nullable=False),
        sa.Column("words_key", sa.Text(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("place_key", sa.String(length=240), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("picture_id", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('request', 'offer')", name=op.f("ck_posts_kind_known")),
        sa.CheckConstraint("length(title) > 0 OR state = 'closed'", name=op.f("ck_posts_title_given")),
        sa.CheckConstraint("state IN ('open', 'filled', 'closed')", name=op.f("ck_posts_state_known")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 6000", name=op.f("ck_posts_minutes_range")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_posts_days_order")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_posts_author_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["skill_categories.id"],
            name=op.f("fk_posts_category_id_skill_categories"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["files.id"], name=op.f("fk_posts_picture_id_files"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_posts_author_id_created_at_id", "posts", ["author_id", "created_at", "id"], unique=False)
    op.create_index("ix_posts_category_id", "posts", ["category_id"], unique=False)
    op.create_index(
        "ix_posts_due",
        "posts",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_posts_open",
        "posts",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_posts_picture_id", "posts", ["picture_id"], unique=False)
    op.create_table(
        "post_skills",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_skills_post_id_posts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["skill_id"], ["skills.id"], name=op.f("fk_post_skills_skill_id_skills"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("post_id", "skill_id", name=op.f("pk_post_skills")),
    )
    op.create_index("ix_post_skills_skill_id_post_id", "post_skills", ["skill_id", "post_id"], unique=False)
    op.create_table(
        "post_events",
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_post_events_actor_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["row_id"], ["posts.id"], name=op.f("fk_post_events_row_id_posts"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_post_events_row_id", "post_events", ["row_id"], unique=False)


def make_exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("proposer_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("replaces_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=11), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("terms_hash", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.Column("rate_until", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "(completed_at IS NOT NULL) = (state = 'completed')", name=op.f("ck_exchanges_completed_when")
        ),
        sa.CheckConstraint(
            "(due_at IS NOT NULL) = (state IN ('proposed', 'accepted', 'active'))",
            name=op.f("ck_exchanges_open_ones_are_due"),
        ),
        sa.CheckConstraint(
            "(rate_until IS NOT NULL) = (state = 'completed')", name=op.f("ck_exchanges_rated_when_completed")
        ),
        sa.CheckConstraint("(starts_at IS NULL) = (zone = '')", name=op.f("ck_exchanges_time_has_zone")),
        sa.CheckConstraint("kind IN ('swap', 'time_credit', 'gift')", name=op.f("ck_exchanges_kind_known")),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'active', 'completed', 'declined', 'cancelled', 'expired')",
            name=op.f("ck_exchanges_state_known"),
        ),
        sa.CheckConstraint("replaces_id <> id", name=op.f("ck_exchanges_not_instead_of_itself")),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_exchanges_chat_id_chats"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_exchanges_post_id_posts"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["proposer_id"], ["users.id"], name=op.f("fk_exchanges_proposer_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["exchanges.id"], name=op.f("fk_exchanges_replaces_id_exchanges"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_exchanges_replaces_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_exchanges_chat_id", "exchanges", ["chat_id"], unique=False)
    op.create_index(
        "ix_exchanges_due",
        "exchanges",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_exchanges_post_id", "exchanges", ["post_id"], unique=False)
    op.create_index("ix_exchanges_proposer_id", "exchanges", ["proposer_id"], unique=False)
    op.create_index(
        "uq_exchanges_terms",
        "exchanges",
        ["terms_hash"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'accepted', 'active')"),
        sqlite_where=sa.text("state IN ('proposed', 'accepted', 'active')"),
    )
    op.create_table(
        "exchange_sides",
        sa.Column("exchange_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("waits_for", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("said_at", MOMENT, nullable=True),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.CheckConstraint("(outcome = '') = (said_at IS NULL)", name=op.f("ck_exchange_sides_said_when")),
        sa.CheckConstraint("outcome IN ('', 'done', 'not_done')", name=op.f("ck_exchange_sides_outcome_known")),
        sa.CheckConstraint("waits_for IN ('', 'answer', 'confirm')", name=op.f("ck_exchange_sides_waits_for_known")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_exchange_sides_held_not_negative")),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name=op.f("fk_exchange_sides_exchange_id_exchanges"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_exchange_sides_user_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("exchange_id", "user_id", name=op.f("pk_exchange_sides")),
    )
    op.create_index("ix_exchange_sides_user_id_exchange_id", "exchange_sides", ["user_id", "exchange_id"], unique=False)
    op.create_index(
        "ix_exchange_sides_waiting",
        "exchange_sides",
        ["user_id", "exchange_id"],
        unique=False,
        postgresql_where=sa.text("waits_for <> ''"),
        sqlite_where=sa.text("waits_for <> ''"),
    )
    op.create_table(
        "exchange_legs",
        sa.Column("exchange_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("teacher_id", sa.BigInteger(), nullable=False),
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.String(length=100), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("teacher_minutes", sa.Integer(), nullable=True),
        sa.Column("learner_minutes", sa.Integer(), nullable=True),
        sa.Column("minutes_done", sa.Integer(), nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.CheckConstraint(
            "learner_minutes BETWEEN 0 AND minutes", name=op.f("ck_exchange_legs_learner_minutes_range")
        ),
        sa.CheckConstraint("length(about) > 0", name=op.f("ck_exchange_legs_about_given")),
        sa.CheckConstraint("minutes BETWEEN 5 AND 1440", name=op.f("ck_exchange_legs_minutes_range")),
        sa.CheckConstraint("minutes_done BETWEEN 0 AND minutes", name=op.f("ck_exchange_legs_minutes_done_range")),
        sa.CheckConstraint("teacher_id <> learner_id", name=op.f("ck_exchange_legs_not_oneself")),
        sa.CheckConstraint(
            "teacher_minutes BETWEEN 0 AND minutes", name=op.f("ck_exchange_legs_teacher_minutes_range")
        ),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name=op.f("fk_exchange_legs_exchange_id_exchanges"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["users.id"], name=op.f("fk_exchange_legs_learner_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["skill_id"], ["skills.id"], name=op.f("fk_exchange_legs_skill_id_skills"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["users.id"], name=op.f("fk_exchange_legs_teacher_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_legs")),
        sa.UniqueConstraint("exchange_id", "position", name=op.f("uq_exchange_legs_exchange_id_position")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_exchange_legs_learner_id", "exchange_legs", ["learner_id"], unique=False)
    op.create_index("ix_exchange_legs_skill_id", "exchange_legs", ["skill_id"], unique=False)
    op.create_index("ix_exchange_legs_teacher_id", "exchange_legs", ["teacher_id"], unique=False)
    op.create_table(
        "exchange_sessions",
        sa.Column("exchange_id", sa.BigInteger(), nullable=False),
        sa.Column("leg_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("uid", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("length(zone) > 0", name=op.f("ck_exchange_sessions_zone_given")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_exchange_sessions_sequence_not_negative")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_exchange_sessions_times_order")),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_exchange_sessions_exchange_id_exchanges"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["leg_id"], ["exchange_legs.id"], name=op.f("fk_exchange_sessions_leg_id_exchange_legs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_sessions")),
        sa.UniqueConstraint("uid", name=op.f("uq_exchange_sessions_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_exchange_sessions_exchange_id_starts_at", "exchange_sessions", ["exchange_id", "starts_at"], unique=False
    )
    op.create_index("ix_exchange_sessions_leg_id", "exchange_sessions", ["leg_id"], unique=False)
    op.create_index(
        "ix_exchange_sessions_over",
        "exchange_sessions",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("asked_at IS NULL AND cancelled_at IS NULL"),
        sqlite_where=sa.text("asked_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_table(
        "exchange_events",
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_exchange_events_actor_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["row_id"], ["exchanges.id"], name=op.f("fk_exchange_events_row_id_exchanges"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_exchange_events_row_id", "exchange_events", ["row_id"], unique=False)


def make_hours() -> None:
    op.create_table(
        "hour_records",
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("sharing", sa.String(length=6), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("sharing IN ('each', 'shared')", name=op.f("ck_hour_records_sharing_known")),
        sa.CheckConstraint("length(idempotency_key) > 0", name=op.f("ck_hour_records_key_given")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 6000", name=op.f("ck_hour_records_minutes_range")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["skill_categories.id"],
            name=op.f("fk_hour_records_category_id_skill_categories"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_hour_records_recorded_by_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_records")),
        sa.UniqueConstraint(
            "recorded_by_id", "idempotency_key", name=op.f("uq_hour_records_recorded_by_id_idempotency_key")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hour_records_category_id", "hour_records", ["category_id"], unique=False)
    op.create_table(
        "hour_record_people",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("helper_id", sa.BigInteger(), nullable=False),
        sa.Column("helped_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_id", sa.BigInteger(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("transfer_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "(state = 'posted') = (transfer_id IS NOT NULL)", name=op.f("ck_hour_record_people_posted_has_transfer")
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (answered_at IS NULL)", name=op.f("ck_hour_record_people_answered_when")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'posted', 'declined')", name=op.f("ck_hour_record_people_state_known")
        ),
        sa.CheckConstraint("helper_id <> helped_id", name=op.f("ck_hour_record_people_not_oneself")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 6000", name=op.f("ck_hour_record_people_minutes_range")),
        sa.ForeignKeyConstraint(
            ["asked_id"], ["users.id"], name=op.f("fk_hour_record_people_asked_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["helped_id"], ["users.id"], name=op.f("fk_hour_record_people_helped_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["helper_id"], ["users.id"], name=op.f("fk_hour_record_people_helper_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["hour_records.id"],
            name=op.f("fk_hour_record_people_record_id_hour_records"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["transfers.id"],
            name=op.f("fk_hour_record_people_transfer_id_transfers"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_record_people")),
        sa.UniqueConstraint(
            "record_id", "helper_id", "helped_id", name=op.f("uq_hour_record_people_record_id_helper_id_helped_id")
        ),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_hour_record_people_transfer_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hour_record_people_helped_id", "hour_record_people", ["helped_id"], unique=False)
    op.create_index("ix_hour_record_people_helper_id", "hour_record_people", ["helper_id"], unique=False)
    op.create_index(
        "ix_hour_record_people_waiting",
        "hour_record_people",
        ["asked_id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "hour_record_events",
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_hour_record_events_actor_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["row_id"],
            ["hour_record_people.id"],
            name=op.f("fk_hour_record_events_row_id_hour_record_people"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_record_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hour_record_events_row_id", "hour_record_events", ["row_id"], unique=False)


def let_reports_be_about(kinds: str) -> None:
    with op.batch_alter_table("reports", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("ck_reports_subject_kind_known"), type_="check")
        batch.create_check_constraint(op.f("ck_reports_subject_kind_known"), f"subject_kind IN ({kinds})")


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
    make_reports_about_members()
    let_reports_be_about("'member', 'message'")
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in EVENTS:
            op.execute(f"DROP FUNCTION {table}_append_only()")


def make_reports_about_members() -> None:
    """A report about a post becomes one about its author's page, which the tables of before know."""
    op.execute("UPDATE reports SET subject_kind = 'member', subject_id = reported_id WHERE subject_kind = 'post'")
