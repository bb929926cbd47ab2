"""Chats of two members: their lines, files and read pointers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UNREAD = sa.text("last_read_seq < last_seq")
CHANGED = sa.text("change > 0")
LISTED = sa.text("archived_at IS NULL AND last_seq >= hidden_before_seq")
ARCHIVED = sa.text("archived_at IS NOT NULL AND last_seq >= hidden_before_seq")
FIRST_CONTACT = sa.text("is_first_contact")


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("user_lo_id", sa.BigInteger(), nullable=False),
        sa.Column("user_hi_id", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("last_change", sa.Integer(), nullable=False),
        sa.Column("last_message_at", MOMENT, nullable=True),
        sa.Column("last_excerpt", sa.String(length=160), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(last_message_at IS NULL) = (last_seq = 0)", name=op.f("ck_chats_last_message_known")),
        sa.CheckConstraint("last_seq >= 0 AND last_change >= 0", name=op.f("ck_chats_counters_not_negative")),
        sa.CheckConstraint("user_lo_id < user_hi_id", name=op.f("ck_chats_members_ordered")),
        sa.ForeignKeyConstraint(
            ["user_hi_id"], ["users.id"], name=op.f("fk_chats_user_hi_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_lo_id"], ["users.id"], name=op.f("fk_chats_user_lo_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chats")),
        sa.UniqueConstraint("user_lo_id", "user_hi_id", name=op.f("uq_chats_user_lo_id_user_hi_id")),
        sa.UniqueConstraint("id", "user_lo_id", "user_hi_id", name=op.f("uq_chats_id_user_lo_id_user_hi_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chats_user_hi_id", "chats", ["user_hi_id"])
    op.create_table(
        "chat_members",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("last_message_at", MOMENT, nullable=True),
        sa.Column("last_read_seq", sa.Integer(), nullable=False),
        sa.Column("hidden_before_seq", sa.Integer(), nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("muted_until", MOMENT, nullable=True),
        sa.Column("show_receipts", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "hidden_before_seq BETWEEN 1 AND last_seq + 1", name=op.f("ck_chat_members_hidden_what_exists")
        ),
        sa.CheckConstraint("last_read_seq BETWEEN 0 AND last_seq", name=op.f("ck_chat_members_read_what_exists")),
        sa.CheckConstraint("length(draft) <= 8000", name=op.f("ck_chat_members_draft_length")),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_chat_members_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_chat_members_user_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("chat_id", "user_id", name=op.f("pk_chat_members")),
    )
    op.create_index(
        "ix_chat_members_unread", "chat_members", ["user_id", "chat_id"], postgresql_where=UNREAD, sqlite_where=UNREAD
    )
    op.create_index(
        "ix_chat_members_user_id_last_message_at_chat_id", "chat_members", ["user_id", "last_message_at", "chat_id"]
    )
    for name, which in (("listed", LISTED), ("archived", ARCHIVED)):
        op.create_index(
            f"ix_chat_members_{name}",
            "chat_members",
            ["user_id", "last_message_at", "chat_id"],
            postgresql_where=which,
            sqlite_where=which,
        )
    op.create_table(
        "messages",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("user_lo_id", sa.BigInteger(), nullable=False),
        sa.Column("user_hi_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_key", sa.Text(), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("client_token", sa.String(length=40), nullable=True),
        sa.Column("is_first_contact", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(sender_id IS NOT NULL) = (kind = 'text')", name=op.f("ck_messages_members_write_text")),
        sa.CheckConstraint(
            "deleted_at IS NULL OR (body = '' AND body_key = '')", name=op.f("ck_messages_deleted_is_empty")
        ),
        sa.CheckConstraint(
            "(edited_at IS NULL AND deleted_at IS NULL) = (change = 0)", name=op.f("ck_messages_changes_are_numbered")
        ),
        sa.CheckConstraint("(sender_id IS NULL) = (client_token IS NULL)", name=op.f("ck_messages_token_of_sender")),
        sa.CheckConstraint("length(body) <= 8000", name=op.f("ck_messages_body_length")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_messages_seq_positive")),
        sa.ForeignKeyConstraint(
            ["chat_id", "user_lo_id", "user_hi_id"],
            ["chats.id", "chats.user_lo_id", "chats.user_hi_id"],
            name=op.f("fk_messages_chat_id_user_lo_id_user_hi_id_chats"),
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["users.id"], name=op.f("fk_messages_sender_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("chat_id", "seq", name=op.f("uq_messages_chat_id_seq")),
        sa.UniqueConstraint("sender_id", "client_token", name=op.f("uq_messages_sender_id_client_token")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_user_lo_id_id", "messages", ["user_lo_id", "id"])
    op.create_index("ix_messages_user_hi_id_id", "messages", ["user_hi_id", "id"])
    op.create_index(
        "ix_messages_changed", "messages", ["chat_id", "change"], postgresql_where=CHANGED, sqlite_where=CHANGED
    )
    op.create_index(
        "ix_messages_first_contacts",
        "messages",
        ["sender_id", "created_at"],
        postgresql_where=FIRST_CONTACT,
        sqlite_where=FIRST_CONTACT,
    )
    op.create_table(
        "attachments",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("preview_id", sa.BigInteger(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.CheckConstraint(
            "(preview_id IS NULL) = (width = 0 OR height = 0)", name=op.f("ck_attachments_preview_has_size")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["files.id"], name=op.f("fk_attachments_file_id_files"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_attachments_message_id_messages"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["files.id"], name=op.f("fk_attachments_preview_id_files"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("message_id", "position", name=op.f("uq_attachments_message_id_position")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attachments_file_id", "attachments", ["file_id"])
    op.create_index("ix_attachments_preview_id", "attachments", ["preview_id"])


def downgrade() -> None:
    op.drop_table("attachments")
    op.drop_table("messages")
    op.drop_table("chat_members")
    op.drop_table("chats")
