"""Members brought along from elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "import_uploads",
        sa.Column("uploader_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("moves_numbers", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('csv', 'timeoverflow')", name=op.f("ck_import_uploads_kind_known")),
        sa.ForeignKeyConstraint(
            ["uploader_id"], ["users.id"], name=op.f("fk_import_uploads_uploader_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_uploads")),
        sa.UniqueConstraint("uploader_id", "sha256", name=op.f("uq_import_uploads_uploader_id_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_import_uploads_expires_at", "import_uploads", ["expires_at"])
    op.create_table(
        "imports",
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("proposed_skills", JSON, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_imports_undone_by_somebody")),
        sa.CheckConstraint("added > 0 AND known >= 0", name=op.f("ck_imports_counts_range")),
        sa.CheckConstraint("kind IN ('csv', 'timeoverflow')", name=op.f("ck_imports_kind_known")),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_imports_actor_id_users"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["users.id"], name=op.f("fk_imports_undone_by_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_imports_created_at_id", "imports", ["created_at", "id"])
    op.create_table(
        "imported_members",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("balance_seconds", sa.BigInteger(), nullable=True),
        sa.Column("invited_at", MOMENT, nullable=True),
        sa.CheckConstraint("line > 0", name=op.f("ck_imported_members_line_positive")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_imported_members_import_id_imports"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_imported_members_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "user_id", name=op.f("pk_imported_members")),
    )
    op.create_index("ix_imported_members_user_id", "imported_members", ["user_id"])


def downgrade() -> None:
    op.drop_table("imported_members")
    op.drop_table("imports")
    op.drop_table("import_uploads")
