"""The pages of chats."""

from app.chats.routes import keeping, lists, messages, threads
from app.chats.routes.blueprint import blueprint

__all__ = ["blueprint", "keeping", "lists", "messages", "threads"]
