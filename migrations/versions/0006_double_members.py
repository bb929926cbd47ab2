"""Double members are merged, and can be taken apart again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
IS_OPEN = sa.text("undone_at IS NULL")
AUTOINCREMENT = {"sqlite_autoincrement": True}


def upgrade() -> None:
    with op.batch_alter_table("users", table_kwargs=AUTOINCREMENT) as batch:
        batch.add_column(sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_users_merged_into_id_users"), "users", ["merged_into_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_check_constraint(op.f("ck_users_not_into_oneself"), "merged_into_id <> id")
        batch.create_check_constraint(
            op.f("ck_users_merged_is_hidden"), "merged_into_id IS NULL OR (email IS NULL AND NOT is_active)"
        )
        batch.create_index("ix_users_merged_into_id", ["merged_into_id"])
    op.create_table(
        "member_merges",
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("duplicate_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by_id", sa.BigInteger(), nullable=True),
        sa.Column("purged_at", MOMENT, nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("kept_id <> duplicate_id", name=op.f("ck_member_merges_not_oneself")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_member_merges_undone_by_somebody")
        ),
        sa.CheckConstraint("undone_at IS NULL OR purged_at IS NULL", name=op.f("ck_member_merges_undone_or_purged")),
        sa.ForeignKeyConstraint(
            ["kept_id"], ["users.id"], name=op.f("fk_member_merges_kept_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_id"], ["users.id"], name=op.f("fk_member_merges_duplicate_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_member_merges_actor_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["users.id"], name=op.f("fk_member_merges_undone_by_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_merges")),
        **AUTOINCREMENT,
    )
    op.create_index(
        "uq_member_merges_one_open",
        "member_merges",
        ["duplicate_id"],
        unique=True,
        postgresql_where=IS_OPEN,
        sqlite_where=IS_OPEN,
    )
    op.create_index("ix_member_merges_kept_id", "member_merges", ["kept_id"])
    op.create_index("ix_member_merges_expires_at", "member_merges", ["expires_at"])


def downgrade() -> None:
    op.drop_table("member_merges")
    with op.batch_alter_table("users", table_kwargs=AUTOINCREMENT) as batch:
        batch.drop_index("ix_users_merged_into_id")
        batch.drop_constraint(op.f("ck_users_merged_is_hidden"), type_="check")
        batch.drop_constraint(op.f("ck_users_not_into_oneself"), type_="check")
        batch.drop_constraint(op.f("fk_users_merged_into_id_users"), type_="foreignkey")
        batch.drop_column("merged_into_id")
