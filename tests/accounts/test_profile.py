"""What members tell about themselves: profile, picture, languages, hours."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.accounts import operations, queries
from app.accounts.models import AvailabilityHour, AvailabilitySlot, User
from app.core import files
from app.core.db import db
from app.core.models import StoredFile
from tests.support.client import CheckedClient
from tests.world import World

PROFILE = {
    "name": "Alice A.",
    "pronouns": "she/her",
    "bio": "First line\r\nsecond line",
    "location": "Weir  Side",
    "learning_style": "doing",
    "languages": ["en", "yue"],
}


def alice(world: World) -> User:
    db.session.rollback()
    return db.session.get_one(User, world.alice)


def picture(size: tuple[int, int] = (600, 400), form: str = "JPEG") -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form)
    out.seek(0)
    return out


def upload(browser: CheckedClient, data: bytes, name: str) -> TestResponse:
    """As one piece of bytes: the test client leaves its own temporary file open when an upload is large."""
    boundary, body = encode_multipart({"picture": FileStorage(io.BytesIO(data), name)})
    return browser.post("/settings/picture", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_the_profile_is_kept(as_, world: World) -> None:
    assert as_("alice").post("/settings/profile", data=PROFILE).status_code == 303
    user = alice(world)
    assert (user.name, user.name_key, user.pronouns) == ("Alice A.", "alice a.", "she/her")
    assert (user.bio, user.location, user.place_key) == ("First line\nsecond line", "Weir Side", "weir side")
    assert user.learning_style == "doing"
    assert list(db.session.scalars(queries.languages_of(world.alice))) == ["en", "yue"]


def test_the_page_shows_what_is_kept(as_, world: World) -> None:
    as_("alice").post("/settings/profile", data=PROFILE)
    page = as_("alice").get("/settings/profile").text
    assert 'value="Weir Side"' in page
    assert page.count("checked") == 4  # two languages, a way of learning, who sees the telephone


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Tell us the name"),
        ("name", "Admin", "people who run this place"),
        ("name", "Алice", "mixes alphabets"),
        ("name", "x" * 61, "At most 60"),
        ("pronouns", "x" * 41, "At most 40"),
        ("bio", "x" * 1001, "At most 1000"),
        ("bio", "nul\x00", "cannot be stored"),
        ("location", "x" * 81, "At most 80"),
        ("learning_style", "sleeping", "Please choose one"),
        ("languages", ["en", "klingon"], "choose from the list"),
        ("languages", ["en", "\x00"], "choose from the list"),
        ("languages", ["de", "en", "es", "fr", "it", "pt", "ar", "zh", "hi", "ru", "tr", "uk", "pl", "nl", "sv", "da"],
         "At most 15"),
    ],
)  # fmt: skip
def test_a_refused_profile_says_why_and_keeps_what_was_typed(
    as_, world: World, field: str, value: object, message: str
) -> None:
    answer = as_("alice").post("/settings/profile", data={**PROFILE, "bio": "typed with care", field: value})
    assert answer.status_code == 422
    assert message in answer.text
    assert "Weir Side" in answer.text or field == "location"
    assert alice(world).location == "Riverton"


def test_html_is_text(as_, world: World) -> None:
    as_("alice").post("/settings/profile", data={**PROFILE, "bio": "<script>alert(1)</script>"})
    assert "<script>alert" not in as_("alice").get("/settings/profile").text
    assert "&lt;script&gt;alert" in as_("alice").get("/settings/profile").text


def test_no_other_column_can_be_sent_along(as_, world: World) -> None:
    extra = {"role": "admin", "email": "x@example.org", "is_verified": "", "picture_id": "1", "user_id": str(world.bob)}
    as_("alice").post("/settings/profile", data={**PROFILE, **extra})
    user = alice(world)
    assert (user.role, user.email, user.picture_id) == ("member", "alice@example.org", None)
    assert db.session.get_one(User, world.bob).name == "Bob Brandt"


def test_a_picture_is_made_square_and_replaced(as_, app: Flask, world: World) -> None:
    for form in ("JPEG", "PNG"):
        sent = as_("alice").post("/settings/picture", data={"picture": (picture(form=form), "me.jpg")})
        assert sent.status_code == 303
    stored = db.session.scalars(select(StoredFile)).one()
    assert (stored.media_type, stored.owner_id, alice(world).picture_id) == ("image/webp", world.alice, stored.id)
    with Image.open(files.path_of(stored.sha256)) as kept:
        assert (kept.size, kept.format) == ((384, 384), "WEBP")


def test_a_picture_can_be_removed(as_, world: World) -> None:
    as_("alice").post("/settings/picture", data={"picture": (picture(), "me.jpg")})
    assert as_("alice").post("/settings/picture/removal").status_code == 303
    assert alice(world).picture_id is None
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("me.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a JPEG"),
        ("me.jpg", b"this is text", "not a JPEG"),
        ("me.jpg", b"", "empty"),
        ("me.jpg", b"\xff\xd8\xff\xe0" + b"\x00" * 200, "cannot be read"),
        ("me.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * (5 * 1024 * 1024), "larger than 5 MB"),
    ],
)
def test_what_is_no_picture_is_refused(as_, world: World, name: str, data: bytes, message: str) -> None:
    answer = upload(as_("alice"), data, name)
    assert answer.status_code == 422
    assert message in answer.text
    assert alice(world).picture_id is None


def test_no_file_at_all_is_named(as_, world: World) -> None:
    assert "Choose a picture first" in as_("alice").post("/settings/picture", data={}).text
    assert as_("alice").get("/settings/picture").location == "/settings/profile"


def test_an_enormous_upload_is_413(as_, world: World) -> None:
    assert upload(as_("alice"), b"x" * (9 * 1024 * 1024), "me.jpg").status_code == 413


def test_a_picture_is_on_disk_before_its_row(as_, world: World, uploads: Path) -> None:
    as_("alice").post("/settings/picture", data={"picture": (picture(), "../../etc/passwd")})
    stored = db.session.scalars(select(StoredFile)).one()
    assert files.path_of(stored.sha256).is_relative_to(uploads)


def week(**slots: str) -> dict[str, str]:
    return {"timezone": "Europe/Berlin", **slots}


def hours(user_id: int) -> list[int]:
    db.session.rollback()
    mine = select(AvailabilityHour.hour).where(AvailabilityHour.user_id == user_id).order_by(AvailabilityHour.hour)
    return list(db.session.scalars(mine))


def test_a_week_is_kept_in_both_forms(as_, world: World) -> None:
    sent = week(starts_1_0="18:00", ends_1_0="20:00", starts_1_1="22:00", ends_1_1="00:00")
    assert as_("alice").post("/settings/availability", data=sent).status_code == 303
    slots = db.session.execute(select(AvailabilitySlot.weekday, AvailabilitySlot.starts, AvailabilitySlot.ends)).all()
    assert (1, 1080, 1200) in slots
    assert (1, 1320, 1440) in slots
    assert alice(world).timezone == "Europe/Berlin"
    assert len(hours(world.alice)) == 4


def test_the_page_shows_the_week(as_, world: World) -> None:
    as_("alice").post("/settings/availability", data=week(starts_1_0="18:00", ends_1_0="00:00"))
    page = as_("alice").get("/settings/availability").text
    assert 'value="18:00"' in page
    assert 'value="00:00"' in page
    assert 'selected value="Europe/Berlin"' in page


def test_an_empty_week_is_a_week(as_, world: World) -> None:
    assert as_("alice").post("/settings/availability", data=week()).status_code == 303
    assert hours(world.alice) == []


@pytest.mark.parametrize(
    ("slots", "message"),
    [
        ({"starts_0_0": "18:00"}, "Until when"),
        ({"ends_0_0": "18:00"}, "From when"),
        ({"starts_0_0": "18:00", "ends_0_0": "17:00"}, "not after the beginning"),
        ({"starts_0_0": "18:00", "ends_0_0": "18:00"}, "not after the beginning"),
        ({"starts_0_0": "22:00", "ends_0_0": "02:00"}, "A night ends at 00:00"),
        ({"starts_0_0": "25:00", "ends_0_0": "26:00"}, "not a time of day"),
        ({"starts_0_0": "-1:00", "ends_0_0": "10:00"}, "not a time of day"),
        ({"starts_0_0": "six", "ends_0_0": "10:00"}, "not a time of day"),
        ({"starts_0_0": "1\x000:00", "ends_0_0": "ten"}, "not a time of day"),
        ({"starts_0_0": "10:00", "ends_0_0": "12:00", "starts_0_1": "11:00", "ends_0_1": "13:00"}, "overlaps"),
        ({"timezone": "Nowhere/City"}, "time zone from the list"),
    ],
)
def test_a_refused_week_says_why_and_changes_nothing(as_, world: World, slots: dict[str, str], message: str) -> None:
    answer = as_("alice").post("/settings/availability", data={**week(starts_4_0="07:15", ends_4_0="08:15"), **slots})
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="07:15"' in answer.text
    assert hours(world.alice) == [18, 19]
    assert alice(world).timezone == "UTC"


def test_two_times_that_touch_do_not_overlap(as_, world: World) -> None:
    sent = week(starts_0_0="12:00", ends_0_0="13:00", starts_0_1="11:00", ends_0_1="12:00")
    assert as_("alice").post("/settings/availability", data=sent).status_code == 303


def test_the_weekly_tick_makes_the_hours_anew(app: Flask, world: World) -> None:
    db.session.query(AvailabilityHour).delete()
    db.session.commit()
    assert operations.refresh_availability() == 2
    assert hours(world.alice) == [18, 19]


def test_the_hub_shows_what_is_to_do(as_, world: World) -> None:
    page = as_("alice").get("/settings").text
    assert page.count("Still to do") == 1  # a picture
    assert "Add a picture" in page
