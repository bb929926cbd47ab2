"""The community's settings in the browser: who may change them, what is refused, what visitors then see."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.accounts import operations as accounts
from app.accounts.models import User
from app.community import operations
from app.core.db import db
from app.core.models import StoredFile
from tests.conftest import new_client
from tests.support.client import CheckedClient
from tests.world import World

SignedIn = Callable[[str], CheckedClient]
GOOD = {
    "name": "Riverton Time Bank",
    "place": "Riverton",
    "locale": "en",
    "colour": "rust",
    "joining": "approval",
    "allowed_domains": "@Example.org, uni.example.net",
    "public_directory": "y",
}


def picture(size: tuple[int, int] = (900, 300), mode: str = "RGBA", name: str = "logo.png") -> dict[str, object]:
    out = io.BytesIO()
    Image.new(mode, size, (10, 110, 95, 0) if mode == "RGBA" else (10, 110, 95)).save(out, "PNG")
    return {"logo": (io.BytesIO(out.getvalue()), name)}


def test_settings_are_saved_and_shown(app: Flask, as_: SignedIn) -> None:
    admin = as_("admin")
    assert admin.post("/admin/settings", data=GOOD).status_code == 303
    row = operations.settings()
    assert (row.name, row.joining, row.allowed_domains) == (
        "Riverton Time Bank",
        "approval",
        "example.org uni.example.net",
    )
    assert row.public_directory is True
    landing = new_client(app).get("/").get_data(as_text=True)
    assert 'data-accent="rust"' in landing
    assert 'content="#98480f"' in landing
    assert "Riverton Time Bank" in landing


def test_the_form_is_filled_with_what_is_stored(as_: SignedIn) -> None:
    as_("admin").post("/admin/settings", data=GOOD)
    page = as_("admin").get("/admin/settings").get_data(as_text=True)
    assert 'value="Riverton Time Bank"' in page
    assert "example.org uni.example.net" in page
    assert 'checked class="form-check-input" id="colour-7" name="colour" type="radio" value="rust"' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("name", "with\x00zero"),
        ("place", "x" * 81),
        ("locale", "xx"),
        ("colour", "ultraviolet"),
        ("joining", "nobody"),
        ("allowed_domains", "not a domain"),
        ("allowed_domains", "example..org"),
        ("allowed_domains", " ".join(f"host{n}.example.org" for n in range(90))),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(as_: SignedIn, field: str, value: str) -> None:
    answer = as_("admin").post("/admin/settings", data={**GOOD, field: value})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text
    assert operations.settings().name == "Guildhall"
    if field != "name":
        assert 'value="Riverton Time Bank"' in text, "what was typed is lost"


def test_nothing_sent_changes_nothing(as_: SignedIn) -> None:
    assert as_("admin").post("/admin/settings", data={}).status_code == 422
    assert operations.settings().joining == "open"


@pytest.mark.parametrize("path", ["/admin/settings", "/admin/features", "/admin/test-mail", "/admin/bring-members"])
def test_only_administrators_find_the_settings(as_: SignedIn, path: str) -> None:
    assert [as_(name).get(path).status_code for name in ("alice", "mod", "admin")] == [404, 404, 200]


def test_a_logo_stands_in_the_header_for_everybody(app: Flask, as_: SignedIn) -> None:
    assert as_("admin").post("/admin/settings/logo", data=picture()).status_code == 303
    address = f"/logo/{operations.settings().logo_id}"
    visitor = new_client(app)
    assert f'src="{address}"' in visitor.get("/").get_data(as_text=True)
    answer = visitor.get(address)
    with Image.open(io.BytesIO(answer.data)) as drawn:
        assert drawn.format == "WEBP"
        assert drawn.size == (320, 107)
        assert drawn.mode == "RGBA"
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_new_logo_takes_the_place_of_the_old_one(app: Flask, as_: SignedIn) -> None:
    admin = as_("admin")
    admin.post("/admin/settings/logo", data=picture())
    first = operations.settings().logo_id
    db.session.remove()
    admin.post("/admin/settings/logo", data=picture((200, 200), "RGB"))
    assert new_client(app).get(f"/logo/{first}").status_code == 404
    assert db.session.get(StoredFile, first) is None
    assert admin.post("/admin/settings/logo/removal").status_code == 303
    assert db.session.scalars(select(StoredFile)).all() == []
    assert "/logo/" not in new_client(app).get("/").get_data(as_text=True)


@pytest.mark.parametrize("data", [b"", b"no picture at all", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_picture_is_refused(as_: SignedIn, data: bytes) -> None:
    answer = as_("admin").post("/admin/settings/logo", data={"logo": (io.BytesIO(data), "logo.png")})
    assert answer.status_code == 422
    assert 'id="logo-error"' in answer.get_data(as_text=True)


def test_no_file_is_a_picture_of_nobody(as_: SignedIn, world: World) -> None:
    """A member's picture is not served as the logo."""
    assert as_("alice").get("/logo/1").status_code == 404


def test_the_logo_outlives_the_account_that_brought_it(as_: SignedIn, world: World) -> None:
    as_("admin").post("/admin/settings/logo", data=picture())
    accounts.empty(world.admin)
    db.session.commit()
    assert operations.settings().logo_id is not None
    assert db.session.get_one(User, world.admin).emptied_at is not None


def test_ordinary_members_see_no_steps_of_a_coordinator(as_: SignedIn) -> None:
    assert "Your community starts" not in as_("alice").get("/").get_data(as_text=True)
    assert "Your community starts" in as_("admin").get("/").get_data(as_text=True)


def test_the_steps_can_be_put_away(as_: SignedIn) -> None:
    admin = as_("admin")
    assert admin.post("/admin/welcome/dismissal").status_code == 303
    assert "Your community starts" not in admin.get("/").get_data(as_text=True)


def test_the_steps_go_when_all_are_done(as_: SignedIn) -> None:
    admin = as_("admin")
    admin.post("/admin/settings", data=GOOD)
    admin.post("/admin/features", data={"features": ["matches"]})
    text = admin.get("/").get_data(as_text=True)
    assert "todo-urgent" in text, "mail was not tested yet"
    operations.mail_works()
    db.session.commit()
    assert "Your community starts" not in admin.get("/").get_data(as_text=True)
