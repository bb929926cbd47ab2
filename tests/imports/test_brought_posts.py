"""Inquiries and offers of a TimeOverflow archive become posts of the members who came with it, and go with them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.exchange.models import Post, PostSkill
from app.exchange.operations import posts as exchange_posts
from app.imports import operations
from app.imports.operations import Outcome
from app.skills.models import Skill
from tests.imports.lists import named, written
from tests.imports.test_balances import MEMBERS, POST_TITLES, export, looked, move_in, newest
from tests.support.ledger import assert_whole
from tests.world import World

INQUIRIES = [
    ("", "Gardening", "", "", ""),
    ("12", "Somebody to cut the hedge", "gardening,hedge", "Rosa Ruiz (201)", "2024-03-01 18:05:11 UTC"),
    ("13", "x" * 200, "", "Juan Gil (202)", "2024-03-02 18:05:11 UTC"),
    ("14", "Written by somebody who left", "", "Nadie Nunca (999)", "2024-03-02 18:05:11 UTC"),
]
OFFERS = [("", "", "", "", ""), ("15", "Kite repair", "js,python", "Juan Gil (202)", "")]


def archive() -> bytes:
    return export(
        [(*row[:8], "0") for row in MEMBERS],
        Inquiries=written([POST_TITLES, *INQUIRIES]),
        Offers=written([POST_TITLES, *OFFERS]),
    )


def test_they_become_posts(app: Flask, world: World) -> None:
    assert move_in(world, archive()) == Outcome(3, 0, 0, 3)
    hedge, long, kite = db.session.scalars(select(Post).order_by(Post.id)).all()
    assert (hedge.kind, hedge.title, hedge.text) == ("request", "Somebody to cut the hedge", "hedge")
    assert (hedge.author_id, hedge.created_at.year, hedge.state) == (named("Rosa Ruiz").id, 2024, "open")
    assert hedge.expires_at > now() and hedge.category_id
    assert len(long.title) == 100 and long.text == "x" * 200
    assert (kite.kind, kite.text) == ("offer", "")
    skills = select(Skill.name).join(PostSkill, PostSkill.skill_id == Skill.id).where(PostSkill.post_id == kite.id)
    assert db.session.scalars(skills.order_by(PostSkill.position)).all() == ["JavaScript", "Python"]
    assert_whole()


def test_a_second_time_brings_none(app: Flask, world: World) -> None:
    move_in(world, archive())
    assert move_in(world, archive()) == Outcome(0, 3, 0, 0)
    assert db.session.scalar(select(func.count()).select_from(Post)) == 3


def test_undo_takes_them_away(app: Flask, world: World) -> None:
    move_in(world, archive())
    assert operations.undo(newest(), world.admin) == 3
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Post)) == 0


def test_undo_is_refused_once_one_was_moved(app: Flask, world: World) -> None:
    move_in(world, archive())
    post = db.session.scalars(select(Post).order_by(Post.id)).first()
    assert post
    exchange_posts.close(post.author_id, post.id, post.version)
    db.session.commit()
    with pytest.raises(Conflict):
        operations.undo(newest(), world.admin)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Post)) == 3


def test_what_is_no_list_of_posts(app: Flask) -> None:
    with pytest.raises(DomainError) as caught:
        looked(export(MEMBERS, Offers=b"a,b,c,d,e,f\n1,2,3,4,5,6\n"))
    assert caught.value.field == "upload"
