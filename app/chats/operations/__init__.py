"""What members do in chats, a module for each noun. Nothing here commits or looks at a request."""

from app.chats.operations.changing import delete, edit
from app.chats.operations.files import holds, prepare
from app.chats.operations.forgetting import forget_member
from app.chats.operations.keeping import (
    archive,
    hide,
    mark_read,
    mute,
    save_draft,
    set_receipts,
    unarchive,
    unmute,
)
from app.chats.operations.opening import open_between
from app.chats.operations.sending import post_system_line, send

__all__ = [
    "archive",
    "delete",
    "edit",
    "forget_member",
    "hide",
    "holds",
    "mark_read",
    "mute",
    "open_between",
    "post_system_line",
    "prepare",
    "save_draft",
    "send",
    "set_receipts",
    "unarchive",
    "unmute",
]
