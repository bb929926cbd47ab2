"""Skills count their changes; reports of members with their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text("state IN ('open', 'in_review')")
PROPOSED = sa.text("state = 'proposed'")


def upgrade() -> None:
    op.add_column("skills", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index(
        "ix_skills_proposed", "skills", ["created_at", "id"], postgresql_where=PROPOSED, sqlite_where=PROPOSED
    )
    op.create_table(
        "reports",
        sa.Column("reporter_id", sa.BigInteger(), nullable=False),
        sa.Column("reported_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_kind", sa.String(length=10), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("handled_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(outcome <> '') = (state = 'resolved')", name=op.f("ck_reports_outcome_of_resolved")),
        sa.CheckConstraint("outcome IN ('', 'nothing', 'warned', 'disabled')", name=op.f("ck_reports_outcome_known")),
        sa.CheckConstraint("reporter_id <> reported_id", name=op.f("ck_reports_not_oneself")),
        sa.CheckConstraint(
            "reason IN ('harassment', 'spam', 'dishonest', 'unsafe', 'other')", name=op.f("ck_reports_reason_known")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'in_review', 'resolved', 'dismissed')", name=op.f("ck_reports_state_known")
        ),
        sa.CheckConstraint("subject_kind IN ('member', 'message')", name=op.f("ck_reports_subject_kind_known")),
        sa.ForeignKeyConstraint(
            ["handled_by_id"], ["users.id"], name=op.f("fk_reports_handled_by_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reported_id"], ["users.id"], name=op.f("fk_reports_reported_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["users.id"], name=op.f("fk_reports_reporter_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_reports_one_waiting",
        "reports",
        ["reporter_id", "subject_kind", "subject_id"],
        unique=True,
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
    op.create_index("ix_reports_state_created_at_id", "reports", ["state", "created_at", "id"])
    op.create_index("ix_reports_reporter_id_created_at", "reports", ["reporter_id", "created_at"])
    op.create_index("ix_reports_reported_id", "reports", ["reported_id"])
    op.create_table(
        "report_events",
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_report_events_actor_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["row_id"], ["reports.id"], name=op.f("fk_report_events_row_id_reports"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_report_events_row_id", "report_events", ["row_id"])
    keep_append_only("report_events")


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
    op.drop_table("report_events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION report_events_append_only()")
    op.drop_table("reports")
    op.drop_index("ix_skills_proposed", "skills")
    op.drop_column("skills", "version")
