"""Posts, exchanges and recorded hours, a module for each noun."""

from app.exchange.models.exchanges import (
    Exchange,
    ExchangeEvent,
    ExchangeLeg,
    ExchangeSession,
    ExchangeSide,
)
from app.exchange.models.hours import HourRecord, HourRecordEvent, HourRecordPerson
from app.exchange.models.posts import Post, PostEvent, PostSkill

__all__ = [
    "Exchange",
    "ExchangeEvent",
    "ExchangeLeg",
    "ExchangeSession",
    "ExchangeSide",
    "HourRecord",
    "HourRecordEvent",
    "HourRecordPerson",
    "Post",
    "PostEvent",
    "PostSkill",
]
