"""Chats for the pages and the access matrix: one with everything that a line can be, and some beside it."""

from __future__ import annotations

import io
from datetime import timedelta

from PIL import Image, ImageDraw
from sqlalchemy import select, update
from werkzeug.datastructures import FileStorage

from app.chats import operations
from app.chats.models import Attachment, Chat, ChatMember, Message
from app.chats.operations.files import Prepared, prepare
from app.core.clock import now
from app.core.db import db
from tests.world import World

# Who writes, and how many minutes ago.
TALK = (
    ("alice", 1530, "Hello Bob,\nyou offer Spanish, which I would like to learn, and I could help you with Python."),
    ("bob", 1510, "Hola Alice! **With pleasure.** I have been looking for somebody who is patient with beginners."),
    ("bob", 1509, "Do you know https://docs.python.org? I stopped at `for word in words:` and never came back."),
    ("alice", 1500, "That is a good place to stop :-) Shall we begin there? Thursday evening would suit me."),
    ("bob", 70, "Thursday, half past six, at the library? I bring a list of verbs. *Hasta pronto!*"),
    ("alice", 64, "Perfect."),
    ("alice", 63, "Here is the table that I would like to take apart, and where it stands."),
    ("bob", 12, "```\nfor verb in verbs:\n    print(verb)\n```\nIs that already a program?"),
    ("alice", 9, "It is! Next time we let it conjugate."),
)


def add_chats(ids: World) -> dict[str, int]:
    """Alice's chat with Bob ({chat}, with lines of hers to change and to delete, and a file) and others."""
    chat_id = operations.open_between(ids.alice, ids.bob)
    sides = {"alice": ids.alice, "bob": ids.bob}
    sent: list[Message] = []
    for number, (who, minutes, body) in enumerate(TALK):
        files = [a_picture(), a_file()] if "table" in body else []
        message = operations.send(sides[who], chat_id, body, f"talk-{number}", files)
        _move(message, minutes)
        sent.append(message)
    operations.delete(ids.alice, sent[5].id)
    operations.edit(ids.alice, sent[8].id, "It is! Next time we let it *conjugate*.")
    archived = operations.open_between(ids.alice, ids.mod)
    _move(operations.send(ids.mod, archived, "Welcome to the neighbourhood!", "welcome"), 9000)
    operations.mark_read(ids.alice, archived, 1)
    operations.archive(ids.alice, archived)
    quiet = operations.open_between(ids.alice, ids.carol)
    _move(operations.send(ids.carol, quiet, "Do you play chess?", "chess"), 3000)
    operations.mark_read(ids.bob, chat_id, 5)
    operations.mark_read(ids.alice, chat_id, 7)
    db.session.flush()
    file_id = db.session.scalars(select(Attachment.id).order_by(Attachment.id)).first() or 0
    return {"chat": chat_id, "line": sent[8].id, "answer": sent[7].id, "file": file_id}


def a_picture() -> Prepared:
    drawn = Image.new("RGB", (900, 640), "#d9c7a5")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((150, 240, 750, 290), fill="#7a5230")
    pen.rectangle((190, 290, 230, 560), fill="#6a4626")
    pen.rectangle((670, 290, 710, 560), fill="#6a4626")
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return _prepared(out.getvalue(), "Table.png")


def a_file() -> Prepared:
    return _prepared(b"%PDF-1.4\n" + b"0" * 40_000, "Directions to the workshop.pdf")


def _prepared(data: bytes, name: str) -> Prepared:
    return prepare([FileStorage(io.BytesIO(data), name)])[0]


def _move(message: Message, minutes: int) -> None:
    """As if it had been written earlier."""
    moment = now() - timedelta(minutes=minutes)
    message.created_at = moment
    db.session.flush()
    for table, key in ((Chat, Chat.id), (ChatMember, ChatMember.chat_id)):
        db.session.execute(update(table).where(key == message.chat_id).values(last_message_at=moment))
