"""How an announcement moves: written, then sent in batches or thrown away."""

from __future__ import annotations

from app.core.states import Machine
from app.notices.models import DISCARDED, DRAFT, SENDING, SENT, Announcement, AnnouncementEvent

SEND, FINISH, DISCARD = "send", "finish", "discard"

ANNOUNCEMENTS = Machine(
    Announcement,
    AnnouncementEvent,
    {
        (DRAFT, SEND): SENDING,
        (SENDING, FINISH): SENT,
        (DRAFT, DISCARD): DISCARDED,
    },
)
