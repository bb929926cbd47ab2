"""A member's page and picture: what members see, what strangers see, and who sees nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.accounts.models import AvailabilitySlot, Block, User, UserLanguage
from app.community.models import THE_ONE, CommunitySettings
from app.core import files
from app.core.clock import now
from app.core.db import db
from app.skills.models import UserSkill
from tests.directory.people import add_member, change, skill_id


def test_shows_a_member_to_another(as_: Any, world: Any) -> None:
    change(User, world.bob, pronouns="he/him", bio="I bake & talk.\nA lot.")
    change(UserSkill, (world.bob, "offer", skill_id("Spanish")), note="Conversation, any level")
    page = as_("alice").get(f"/members/{world.bob}").text
    for shown in ("Bob Brandt", "he/him", "Riverton", "English", "Member since", "I bake &amp; talk.", "Expert",
                  "Conversation, any level", "Basics", "No ratings yet", f"/members/{world.bob}/block"):  # fmt: skip
        assert shown in page, shown
    for private in ("bob@example.org", "This is how others see you"):
        assert private not in page, private


def test_says_why_two_fit(as_: Any, world: Any) -> None:
    page = as_("alice").get(f"/members/{world.bob}").text
    assert "Why you fit" in page
    assert "Offers Spanish, which you want" in page
    assert "<td>61</td>" in page


def test_says_what_meets_in_one_direction(as_: Any, world: Any) -> None:
    dora = add_member("Dora", offers=[("Spanish", 5, 2)])
    page = as_("alice").get(f"/members/{dora}").text
    assert "What meets" in page
    assert "<td>50</td>" in page
    assert "What meets" not in as_("carol").get(f"/members/{dora}").text


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_during_a_break_nobody_fits(as_: Any, world: Any, who: str) -> None:
    change(User, getattr(world, who), paused_at=now())
    page = as_("alice").get(f"/members/{world.bob}").text
    assert "Why you fit" not in page
    assert ("Takes a break" in page) == (who == "bob")


def test_own_page(as_: Any, world: Any) -> None:
    page = as_("bob").get(f"/members/{world.bob}").text
    assert "This is how others see you" in page
    assert "/settings/profile" in page
    assert "/block" not in page


def test_times_are_in_the_readers_zone(as_: Any, world: Any) -> None:
    change(User, world.bob, timezone="Asia/Kolkata")
    change(User, world.alice, timezone="Asia/Tokyo")
    page = as_("alice").get(f"/members/{world.bob}").text
    week = page.split('class="profile-week"')[1].split("</table>")[0]
    assert week.index("21:30–23:30") < week.index("Tuesday")
    assert "Asia/Tokyo" in page
    assert "Asia/Kolkata" in page


def test_times_wrap_to_the_next_day(as_: Any, world: Any) -> None:
    change(User, world.alice, timezone="Asia/Karachi")
    week = as_("alice").get(f"/members/{world.bob}").text.split('class="profile-week"')[1].split("</table>")[0]
    assert "23:00–24:00" in week.split("Tuesday")[0]
    assert "00:00–01:00" in week.split("Tuesday")[1].split("Wednesday")[0]


def test_without_times_and_skills(as_: Any, world: Any) -> None:
    page = as_("alice").get(f"/members/{world.mod}").text
    assert "No times given" in page
    assert "Nothing offered at the moment" in page


@pytest.mark.parametrize("column", [{"paused_at": now()}, {"expires_at": now() - timedelta(minutes=1)}])
def test_entries_out_of_use_stay_private(as_: Any, world: Any, column: dict[str, Any]) -> None:
    change(UserSkill, (world.bob, "offer", skill_id("Spanish")), **column)
    for viewer in ("alice", "bob"):
        assert "Expert" not in as_(viewer).get(f"/members/{world.bob}").text


@pytest.mark.parametrize(
    "column", [{"closed_at": now()}, {"approved_at": None}, {"is_active": False}, {"is_verified": False}]
)
def test_who_is_not_here_is_not_found(as_: Any, world: Any, column: dict[str, Any]) -> None:
    change(User, world.bob, **column)
    assert as_("alice").get(f"/members/{world.bob}").status_code == 404


@pytest.mark.parametrize("by_alice", [True, False])
def test_blocked_are_not_found(as_: Any, world: Any, by_alice: bool) -> None:
    pair = (world.alice, world.bob) if by_alice else (world.bob, world.alice)
    db.session.add(Block(blocker_id=pair[0], blocked_id=pair[1]))
    db.session.commit()
    assert as_("alice").get(f"/members/{world.bob}").status_code == 404


@pytest.mark.parametrize("number", ["0", "999999", "9" * 19, "1" + "0" * 20, "-1", "x"])
def test_numbers_that_are_nobody(as_: Any, world: Any, number: str) -> None:
    assert as_("alice").get(f"/members/{number}").status_code == 404


class TestStrangers:
    def test_are_asked_to_sign_in(self, client: Any, world: Any) -> None:
        for number in (world.bob, 999999):
            assert "/sign-in" in client.get(f"/members/{number}").headers["Location"]

    def test_see_name_and_skills_where_the_directory_is_open(self, client: Any, world: Any) -> None:
        db.session.add(AvailabilitySlot(user_id=world.bob, weekday=4, starts=600, ends=700))
        db.session.add(UserLanguage(user_id=world.bob, language="es"))
        change(User, world.bob, pronouns="he/him", picture_id=add_picture(world.bob).id)
        change(CommunitySettings, THE_ONE, public_directory=True)
        page = client.get(f"/members/{world.bob}").text
        assert "Bob Brandt" in page
        assert "Expert" in page
        for private in ("Riverton", "English", "likes to share", "he/him", "10:00", "Usually free", "/picture/",
                        "Member since", "/block"):  # fmt: skip
            assert private not in page, private

    def test_see_no_notes(self, client: Any, world: Any) -> None:
        change(UserSkill, (world.bob, "offer", skill_id("Spanish")), note="call me at 555")
        change(CommunitySettings, THE_ONE, public_directory=True)
        assert "555" not in client.get(f"/members/{world.bob}").text

    def test_never_see_pictures(self, client: Any, world: Any) -> None:
        change(User, world.bob, picture_id=add_picture(world.bob).id)
        change(CommunitySettings, THE_ONE, public_directory=True)
        address = f"/members/{world.bob}/picture/{db.session.get_one(User, world.bob).picture_id}"
        assert "/sign-in" in client.get(address).headers["Location"]


class TestPicture:
    def test_is_served_for_ever_but_privately(self, as_: Any, world: Any, uploads: Path) -> None:
        picture = add_picture(world.bob)
        change(User, world.bob, picture_id=picture.id)
        response = as_("alice").get(f"/members/{world.bob}/picture/{picture.id}")
        assert response.status_code == 200
        assert response.mimetype == "image/webp"
        assert response.data == b"RIFF not really a picture"
        assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert response.headers["X-Content-Type-Options"] == "nosniff"

    def test_only_the_present_one_of_that_member(self, as_: Any, world: Any, uploads: Path) -> None:
        old, new, carols = add_picture(world.bob), add_picture(world.bob, b"new"), add_picture(world.carol, b"carol")
        numbers = {"old": old.id, "new": new.id, "carols": carols.id}
        change(User, world.bob, picture_id=numbers["new"])
        client = as_("alice")
        assert client.get(f"/members/{world.bob}/picture/{numbers['new']}").status_code == 200
        for other in ("old", "carols"):
            assert client.get(f"/members/{world.bob}/picture/{numbers[other]}").status_code == 404

    def test_not_of_blocked_members(self, as_: Any, world: Any, uploads: Path) -> None:
        number = add_picture(world.bob).id
        change(User, world.bob, picture_id=number)
        db.session.add(Block(blocker_id=world.bob, blocked_id=world.alice))
        db.session.commit()
        assert as_("alice").get(f"/members/{world.bob}/picture/{number}").status_code == 404


def add_picture(owner: int, content: bytes = b"RIFF not really a picture") -> files.StoredFile:
    row = files.store(content, owner_id=owner, name="picture.webp", media_type="image/webp")
    db.session.commit()
    return row
