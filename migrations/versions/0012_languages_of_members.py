"""Each member's row repeats which languages they speak: matches look at hundreds of rows to find two dozen.

Triggers keep the column, because languages change in several places (a profile, an import, a merge of members).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CHANGES = ("insert", "update", "delete")
TOGETHER = {"sqlite": "group_concat", "postgresql": "string_agg"}


def upgrade() -> None:
    op.add_column("users", sa.Column("languages_key", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.execute(f"{kept('users.id')} WHERE EXISTS (SELECT 1 FROM user_languages WHERE user_id = users.id)")
    install = on_sqlite if dialect() == "sqlite" else on_postgresql
    install()


def kept(member: str) -> str:
    codes = f"SELECT language FROM user_languages WHERE user_id = {member} ORDER BY language"
    together = f"SELECT {TOGETHER[dialect()]}(' ' || language || ' ', '') FROM ({codes}) AS spoken"
    return f"UPDATE users SET languages_key = COALESCE(({together}), '')"


def on_sqlite() -> None:
    for change in CHANGES:
        rows = {"insert": ["NEW"], "update": ["OLD", "NEW"], "delete": ["OLD"]}[change]
        body = " ".join(f"{kept(f'{row}.user_id')} WHERE id = {row}.user_id;" for row in rows)
        op.execute(f"CREATE TRIGGER {trigger(change)} AFTER {change.upper()} ON user_languages BEGIN {body} END")


def on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION user_languages_users() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {kept_by_one('OLD')} END IF; "
        f"IF TG_OP <> 'DELETE' THEN {kept_by_one('NEW')} END IF; "
        "RETURN NULL; END $$"
    )
    for change in CHANGES:
        op.execute(
            f"CREATE TRIGGER {trigger(change)} AFTER {change.upper()} ON user_languages "
            "FOR EACH ROW EXECUTE FUNCTION user_languages_users()"
        )


def kept_by_one(row: str) -> str:
    """Two sessions that change one member's languages at once go one after the other, and the later one sees both."""
    wait = f"PERFORM 1 FROM users WHERE id = {row}.user_id FOR NO KEY UPDATE;"
    return f"{wait} {kept(f'{row}.user_id')} WHERE id = {row}.user_id;"


def trigger(change: str) -> str:
    return f"tr_user_languages_{change}_users"


def dialect() -> str:
    return op.get_bind().dialect.name


def downgrade() -> None:
    on_server = dialect() == "postgresql"
    for change in CHANGES:
        op.execute(f"DROP TRIGGER {trigger(change)}{' ON user_languages' if on_server else ''}")
    if on_server:
        op.execute("DROP FUNCTION user_languages_users()")
    op.drop_column("users", "languages_key")
