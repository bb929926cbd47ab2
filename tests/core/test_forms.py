"""What no page can hold, sent in a field that takes no text, is not shown again: every page stays well-formed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.core.db import db
from app.exchange.operations import posts
from app.exchange.operations.posts import PostDetails
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/hours/record", "hours"),
        ("/hours/record", "done_on"),
        ("/exchanges/with/{bob}", "starts_at"),
        ("/exchanges/with/{bob}", "version"),
        ("/posts/{post}/edit", "version"),
        ("/wallet/give", "organisation"),
    ],
)
def test_a_number_or_a_hidden_field_with_a_control_character(
    app: Flask, as_: As, world: World, path: str, field: str
) -> None:
    post = posts.publish(world.alice, PostDetails("request", "A ladder"))
    db.session.commit()
    sent = {"idempotency_key": "a-key-of-sixteen-letters", "to": str(world.bob), field: "1\x00\x1f"}
    answer = as_("alice").post(path.format(bob=world.bob, post=post.id), data=sent)
    assert answer.status_code in (409, 422)
    assert "\x00" not in answer.text
