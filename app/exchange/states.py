"""How posts and exchanges move; what is not in a table cannot be done."""

from __future__ import annotations

from app.core.states import Machine
from app.exchange.models import Exchange, ExchangeEvent, HourRecordEvent, HourRecordPerson, Post, PostEvent
from app.exchange.models.exchanges import ACCEPTED, ACTIVE, CANCELLED, COMPLETED, DECLINED, EXPIRED, PROPOSED
from app.exchange.models.hours import DECLINED as HOURS_DECLINED
from app.exchange.models.hours import EXPIRED as HOURS_EXPIRED
from app.exchange.models.hours import POSTED, REVERSED, WAITING, WITHDRAWN
from app.exchange.models.posts import CLOSED, FILLED, OPEN

FILL, CLOSE, REOPEN, EXPIRE = "fill", "close", "reopen", "expire"
ACCEPT, DECLINE, CANCEL, REPLACE = "accept", "decline", "cancel", "replace"
START, COMPLETE, DENY, LAPSE = "start", "complete", "deny", "lapse"
POST, WITHDRAW, TAKE_BACK = "post", "withdraw", "take_back"

POSTS = Machine(
    Post,
    PostEvent,
    {
        (OPEN, FILL): FILLED,
        (OPEN, CLOSE): CLOSED,
        (OPEN, EXPIRE): CLOSED,
        (FILLED, CLOSE): CLOSED,
        (FILLED, REOPEN): OPEN,
        (CLOSED, REOPEN): OPEN,
    },
)

EXCHANGES = Machine(
    Exchange,
    ExchangeEvent,
    {
        (PROPOSED, ACCEPT): ACCEPTED,
        (PROPOSED, DECLINE): DECLINED,
        (PROPOSED, CANCEL): CANCELLED,
        (PROPOSED, REPLACE): CANCELLED,
        (PROPOSED, EXPIRE): EXPIRED,
        (ACCEPTED, START): ACTIVE,
        (ACCEPTED, CANCEL): CANCELLED,
        (ACCEPTED, LAPSE): CANCELLED,
        (ACTIVE, COMPLETE): COMPLETED,
        (ACTIVE, DENY): CANCELLED,
        (ACTIVE, CANCEL): CANCELLED,
        (ACTIVE, LAPSE): CANCELLED,
    },
)

HOUR_RECORDS = Machine(
    HourRecordPerson,
    HourRecordEvent,
    {
        (WAITING, POST): POSTED,
        (WAITING, DECLINE): HOURS_DECLINED,
        (WAITING, EXPIRE): HOURS_EXPIRED,
        (WAITING, WITHDRAW): WITHDRAWN,
        (POSTED, TAKE_BACK): REVERSED,
    },
)
