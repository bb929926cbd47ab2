"""Recorded hours that run out or are taken back, the community's rule for several people, and balances that imports
bring."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COUNTING = {"sqlite_autoincrement": True}
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STATES = "'waiting', 'posted', 'declined'"


def upgrade() -> None:
    # As in 0015: on SQLite a column that is to be dropped again has to hold its own check.
    op.execute(
        "ALTER TABLE community_settings ADD COLUMN hour_sharing VARCHAR(6) DEFAULT 'each' NOT NULL "
        "CONSTRAINT ck_community_settings_hour_sharing_known CHECK (hour_sharing IN ('each', 'shared'))"
    )
    let_records_be(f"{STATES}, 'expired', 'withdrawn', 'reversed'", "state IN ('posted', 'reversed')")
    with op.batch_alter_table("import_uploads", table_kwargs=COUNTING) as batch:
        batch.add_column(sa.Column("archive", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("imports", table_kwargs=COUNTING) as batch:
        batch.add_column(sa.Column("opened", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("brought", JSON, server_default=sa.text("'{}'"), nullable=False))
        batch.drop_constraint(op.f("ck_imports_counts_range"), type_="check")
        batch.create_check_constraint(
            op.f("ck_imports_counts_range"), "added >= 0 AND known >= 0 AND opened >= 0 AND added + opened > 0"
        )
    with op.batch_alter_table("imported_members") as batch:
        batch.add_column(sa.Column("opening_id", sa.BigInteger(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_imported_members_opening_id_transfers"), "transfers", ["opening_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_unique_constraint(op.f("uq_imported_members_opening_id"), ["opening_id"])


def let_records_be(states: str, paid: str) -> None:
    with op.batch_alter_table("hour_record_people", table_kwargs=COUNTING) as batch:
        for name in ("state_known", "posted_has_transfer"):
            batch.drop_constraint(op.f(f"ck_hour_record_people_{name}"), type_="check")
        batch.create_check_constraint(op.f("ck_hour_record_people_state_known"), f"state IN ({states})")
        batch.create_check_constraint(
            op.f("ck_hour_record_people_posted_has_transfer"), f"({paid}) = (transfer_id IS NOT NULL)"
        )


def downgrade() -> None:
    """What the tables of before do not know becomes the nearest that they do: given back is declined."""
    op.execute("UPDATE hour_record_people SET transfer_id = NULL, state = 'declined' WHERE state = 'reversed'")
    op.execute("UPDATE hour_record_people SET state = 'declined' WHERE state IN ('expired', 'withdrawn')")
    let_records_be(STATES, "state = 'posted'")
    with op.batch_alter_table("imported_members") as batch:
        batch.drop_constraint(op.f("uq_imported_members_opening_id"), type_="unique")
        batch.drop_constraint(op.f("fk_imported_members_opening_id_transfers"), type_="foreignkey")
        batch.drop_column("opening_id")
    op.execute("DELETE FROM imports WHERE added = 0")
    with op.batch_alter_table("imports", table_kwargs=COUNTING) as batch:
        batch.drop_constraint(op.f("ck_imports_counts_range"), type_="check")
        for column in ("brought", "opened"):
            batch.drop_column(column)
        batch.create_check_constraint(op.f("ck_imports_counts_range"), "added > 0 AND known >= 0")
    with op.batch_alter_table("import_uploads", table_kwargs=COUNTING) as batch:
        batch.drop_column("archive")
    op.drop_column("community_settings", "hour_sharing")
