"""${message}

Follows: ${down_revision or "nothing" | comma,n}
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
# Runs on SQLite and on PostgreSQL, forward and back, on databases that hold data; an upgrade is one transaction.
#
# `with op.batch_alter_table(…)` on SQLite copies the table into a new one, and two things of the old one vanish:
# - AUTOINCREMENT: pass table_kwargs={"sqlite_autoincrement": True} for a table with an id;
# - its triggers: afterwards, `if op.get_bind().dialect.name == "sqlite":` run op.execute(…) with the CREATE TRIGGER
#   of each again, spelled out here, because a migration must not change when the application's code does.
# PostgreSQL keeps both. A test compares what is installed with what the models declare. Take this comment out.

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
