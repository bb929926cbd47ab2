"""Members have a number, a telephone, a place in the printed directory; coordinators keep a note about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ADDED = ("number", "phone", "phone_visibility", "coordinators_note", "in_print")
TO_COORDINATORS = sa.text("'coordinators'")


def upgrade() -> None:
    op.add_column("community_settings", sa.Column("next_number", sa.Integer(), server_default="1", nullable=False))
    op.add_column("users", sa.Column("number", sa.Integer(), nullable=True))
    op.execute("UPDATE users SET number = id")
    op.execute("UPDATE community_settings SET next_number = (SELECT coalesce(max(number), 0) + 1 FROM users)")
    with op.batch_alter_table("users", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.alter_column("number", existing_type=sa.Integer(), nullable=False)
        batch.add_column(sa.Column("phone", sa.String(length=40), server_default=sa.text("''"), nullable=False))
        batch.add_column(
            sa.Column("phone_visibility", sa.String(length=12), server_default=TO_COORDINATORS, nullable=False)
        )
        batch.add_column(
            sa.Column("coordinators_note", sa.String(length=2000), server_default=sa.text("''"), nullable=False)
        )
        batch.add_column(sa.Column("in_print", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.create_unique_constraint(op.f("uq_users_number"), ["number"])
        batch.create_check_constraint(op.f("ck_users_number_positive"), "number > 0")
        batch.create_check_constraint(
            op.f("ck_users_phone_visibility_known"), "phone_visibility IN ('coordinators', 'members')"
        )


def downgrade() -> None:
    with op.batch_alter_table("users", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("ck_users_phone_visibility_known"), type_="check")
        batch.drop_constraint(op.f("ck_users_number_positive"), type_="check")
        batch.drop_constraint(op.f("uq_users_number"), type_="unique")
        for column in ADDED:
            batch.drop_column(column)
    op.drop_column("community_settings", "next_number")
