"""Organisations and the community pot, the rules about hours, checks of the books, and requests that are done once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
IS_POT = sa.text("kind = 'pot'")
# The most of each, in minutes: what is typed by mistake has more digits.
RULES = {"starting_minutes": 60_000, "credit_limit": 600_000}


def upgrade() -> None:
    add_rules()
    make_organisations()
    make_personal_limits()
    make_checks()
    make_keys()


def add_rules() -> None:
    """Spelled out, because a check can be added to a table of SQLite only together with its column."""
    for name, most in RULES.items():
        op.execute(
            f"ALTER TABLE community_settings ADD COLUMN {name} INTEGER DEFAULT 0 NOT NULL "
            f"CONSTRAINT ck_community_settings_{name}_range CHECK ({name} BETWEEN 0 AND {most})"
        )


def make_organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_key", sa.String(length=180), nullable=False),
        sa.Column("about", sa.String(length=500), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('organisation', 'pot')", name=op.f("ck_organisations_kind_known")),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_organisations_name_given")),
        sa.CheckConstraint("kind = 'organisation' OR closed_at IS NULL", name=op.f("ck_organisations_pot_stays")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("name_key", name=op.f("uq_organisations_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_organisations_one_pot",
        "organisations",
        ["kind"],
        unique=True,
        postgresql_where=IS_POT,
        sqlite_where=IS_POT,
    )
    op.create_table(
        "organisation_members",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("named_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_organisation_members_organisation_id_organisations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_organisation_members_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["named_by_id"], ["users.id"], name=op.f("fk_organisation_members_named_by_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "user_id", name=op.f("pk_organisation_members")),
    )
    op.create_index("ix_organisation_members_user_id", "organisation_members", ["user_id"])
    op.execute(
        "INSERT INTO organisations (kind, name, name_key, about, created_at, updated_at) "
        "VALUES ('pot', 'Community pot', 'community pot', '', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
    )


def make_personal_limits() -> None:
    op.create_table(
        "personal_limits",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("set_by_id", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("minutes BETWEEN 0 AND 600000", name=op.f("ck_personal_limits_minutes_range")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_personal_limits_reason_given")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_personal_limits_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["users.id"], name=op.f("fk_personal_limits_set_by_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_personal_limits")),
    )


def make_checks() -> None:
    op.create_table(
        "ledger_checks",
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("findings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("count >= 0 AND milliseconds >= 0", name=op.f("ck_ledger_checks_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_checks")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledger_checks_created_at", "ledger_checks", ["created_at"])


def make_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("length(scope) > 0 AND length(key) > 0", name=op.f("ck_idempotency_keys_key_given")),
        sa.CheckConstraint("status = 0 OR status BETWEEN 200 AND 399", name=op.f("ck_idempotency_keys_status_good")),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


def downgrade() -> None:
    for table in ("idempotency_keys", "ledger_checks", "personal_limits", "organisation_members", "organisations"):
        op.drop_table(table)
    for name in reversed(RULES):
        op.drop_column("community_settings", name)
