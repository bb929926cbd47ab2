"""Invitations with their uses, wishes for one, versions of the terms and who accepted them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "terms_versions",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.CheckConstraint("length(text) > 0", name=op.f("ck_terms_versions_text_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_versions")),
        sa.UniqueConstraint("number", name=op.f("uq_terms_versions_number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "terms_acceptances",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("terms_version_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["terms_version_id"],
            ["terms_versions.id"],
            name=op.f("fk_terms_acceptances_terms_version_id_terms_versions"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_terms_acceptances_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "terms_version_id", name=op.f("pk_terms_acceptances")),
    )
    op.create_index("ix_terms_acceptances_terms_version_id", "terms_acceptances", ["terms_version_id"])
    op.create_table(
        "invitations",
        sa.Column("inviter_id", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("allowed_domains", sa.String(length=1000), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(email IS NULL) = (email_key IS NULL)", name=op.f("ck_invitations_email_has_key")),
        sa.CheckConstraint("email IS NULL OR max_uses = 1", name=op.f("ck_invitations_personal_once")),
        sa.CheckConstraint("max_uses > 0", name=op.f("ck_invitations_max_uses_positive")),
        sa.CheckConstraint("uses BETWEEN 0 AND max_uses", name=op.f("ck_invitations_uses_range")),
        sa.ForeignKeyConstraint(
            ["inviter_id"], ["users.id"], name=op.f("fk_invitations_inviter_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invitations_inviter_id", "invitations", ["inviter_id"])
    op.create_index("ix_invitations_email_key", "invitations", ["email_key"])
    op.create_table(
        "invitation_uses",
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.id"],
            name=op.f("fk_invitation_uses_invitation_id_invitations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_invitation_uses_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("invitation_id", "user_id", name=op.f("pk_invitation_uses")),
    )
    op.create_index("ix_invitation_uses_user_id", "invitation_uses", ["user_id"])
    op.create_table(
        "invitation_requests",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_requests")),
        sa.UniqueConstraint("email_key", name=op.f("uq_invitation_requests_email_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_users_waiting",
        "users",
        ["created_at", "id"],
        postgresql_where=sa.text("approved_at IS NULL"),
        sqlite_where=sa.text("approved_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_users_waiting", "users")
    for table in ("invitation_requests", "invitation_uses", "invitations", "terms_acceptances", "terms_versions"):
        op.drop_table(table)
