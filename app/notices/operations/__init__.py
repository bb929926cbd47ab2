"""What is done with notices. Nothing here commits but the ticks, which commit in small steps."""

from app.notices.operations.announcing import (
    Wording,
    discard,
    draft,
    key_of,
    receivers,
    reword,
    send,
    send_waiting,
)
from app.notices.operations.digests import purge_digests, send_daily, send_weekly
from app.notices.operations.leaving import forget_member
from app.notices.operations.reading import look_at, look_away, purge, read, read_all, read_chat, read_one, show_held
from app.notices.operations.telling import take_back, tell, tell_all
from app.notices.preferences import all_channels_of, choose, stop_mail

__all__ = [
    "Wording",
    "all_channels_of",
    "choose",
    "discard",
    "draft",
    "forget_member",
    "key_of",
    "look_at",
    "look_away",
    "purge",
    "purge_digests",
    "read",
    "read_all",
    "read_chat",
    "read_one",
    "receivers",
    "reword",
    "send",
    "send_daily",
    "send_waiting",
    "send_weekly",
    "show_held",
    "stop_mail",
    "take_back",
    "tell",
    "tell_all",
]
