"""What coordinators decide in the browser: look, rules, preset and switches; links for the first set-up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SWITCHES = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
ADDED = ("logo_id", "colour", "joining", "allowed_domains", "preset", "switches", "mail_tested_at", "welcomed_at")


def upgrade() -> None:
    with op.batch_alter_table("community_settings") as batch:
        batch.add_column(sa.Column("logo_id", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("colour", sa.String(length=20), server_default="teal", nullable=False))
        batch.add_column(sa.Column("joining", sa.String(length=10), server_default="open", nullable=False))
        batch.add_column(
            sa.Column("allowed_domains", sa.String(length=1000), server_default=sa.text("''"), nullable=False)
        )
        batch.add_column(sa.Column("preset", sa.String(length=20), server_default="everything", nullable=False))
        batch.add_column(sa.Column("switches", SWITCHES, server_default=sa.text("'{}'"), nullable=False))
        batch.add_column(sa.Column("mail_tested_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("welcomed_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_check_constraint(
            op.f("ck_community_settings_joining_known"), "joining IN ('open', 'invited', 'approval')"
        )
        batch.create_foreign_key(
            op.f("fk_community_settings_logo_id_files"), "files", ["logo_id"], ["id"], ondelete="SET NULL"
        )
    op.create_table(
        "setup_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=10), server_default="preset", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_setup_links_token_hash")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("setup_links")
    with op.batch_alter_table("community_settings") as batch:
        batch.drop_constraint(op.f("fk_community_settings_logo_id_files"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_community_settings_joining_known"), type_="check")
        for column in ADDED:
            batch.drop_column(column)
