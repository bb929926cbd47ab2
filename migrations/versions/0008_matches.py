"""Matches at a hundred thousand members: an index that holds all they ask, and the swaps that each member could make.

A swap is an offer beside a want of the same member. Triggers keep the table, because lists are changed in many places
(one by one, by merging skills or members, by an import) and a match has to follow at once.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NARROW = ["skill_id", "kind", "user_id"]
WIDE = [*NARROW, "level", "priority", "paused_at", "expires_at"]
DETAILS = ["offer_level", "want_level", "want_priority", "expires_at"]
CHANGES = ("insert", "update", "delete")

SWAPS = """
    INSERT INTO possible_swaps
        (user_id, offer_skill_id, want_skill_id, offer_level, want_level, want_priority, expires_at)
    SELECT offer.user_id, offer.skill_id, want.skill_id, offer.level, want.level, want.priority,
        CASE WHEN offer.expires_at IS NULL OR want.expires_at < offer.expires_at
            THEN want.expires_at ELSE offer.expires_at END
    FROM user_skills offer JOIN user_skills want ON want.user_id = offer.user_id AND want.kind = 'want'
    WHERE offer.kind = 'offer' AND offer.paused_at IS NULL AND want.paused_at IS NULL
"""
FORGET = """
    DELETE FROM possible_swaps WHERE user_id = OLD.user_id
        AND CASE OLD.kind WHEN 'offer' THEN offer_skill_id ELSE want_skill_id END = OLD.skill_id;
"""
# One statement may change both sides of a swap: the second one finds it made already.
REMEMBER = f"""
    {SWAPS} AND offer.user_id = NEW.user_id
        AND CASE NEW.kind WHEN 'offer' THEN offer.skill_id ELSE want.skill_id END = NEW.skill_id
    ON CONFLICT DO NOTHING;
"""
# Two sessions that change one member's list at once go one after the other: neither sees the other's new rows.
WAIT = "PERFORM 1 FROM users WHERE id = {row}.user_id FOR NO KEY UPDATE;"


def upgrade() -> None:
    op.drop_index("ix_user_skills_skill_id_kind_user_id", "user_skills")
    op.create_index("ix_user_skills_matching", "user_skills", WIDE)
    op.create_table(
        "possible_swaps",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_skill_id", sa.BigInteger(), nullable=False),
        sa.Column("want_skill_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_level", sa.SmallInteger(), nullable=False),
        sa.Column("want_level", sa.SmallInteger(), nullable=False),
        sa.Column("want_priority", sa.SmallInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_possible_swaps_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "offer_skill_id", "want_skill_id", name=op.f("pk_possible_swaps")),
    )
    op.execute(SWAPS)
    op.create_index(
        "ix_possible_swaps_matching", "possible_swaps", ["offer_skill_id", "want_skill_id", "user_id", *DETAILS]
    )
    install = on_sqlite if op.get_bind().dialect.name == "sqlite" else on_postgresql
    install()


def on_sqlite() -> None:
    bodies = {"insert": REMEMBER, "update": FORGET + REMEMBER, "delete": FORGET}
    for change, body in bodies.items():
        op.execute(f"CREATE TRIGGER {trigger(change)} AFTER {change.upper()} ON user_skills BEGIN {body} END")


def on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION user_skills_possible_swaps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {WAIT.format(row='OLD')} {FORGET} END IF; "
        f"IF TG_OP <> 'DELETE' THEN {WAIT.format(row='NEW')} {REMEMBER} END IF; "
        "RETURN NULL; END $$"
    )
    for change in CHANGES:
        op.execute(
            f"CREATE TRIGGER {trigger(change)} AFTER {change.upper()} ON user_skills "
            "FOR EACH ROW EXECUTE FUNCTION user_skills_possible_swaps()"
        )


def trigger(change: str) -> str:
    return f"tr_user_skills_{change}_possible_swaps"


def downgrade() -> None:
    on_server = op.get_bind().dialect.name == "postgresql"
    for change in CHANGES:
        op.execute(f"DROP TRIGGER {trigger(change)}{' ON user_skills' if on_server else ''}")
    if on_server:
        op.execute("DROP FUNCTION user_skills_possible_swaps()")
    op.drop_table("possible_swaps")
    op.drop_index("ix_user_skills_matching", "user_skills")
    op.create_index("ix_user_skills_skill_id_kind_user_id", "user_skills", NARROW)
