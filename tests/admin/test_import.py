"""The pages of the import: from the template to the invitation, and who may not see any of it."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.accounts import operations as accounts
from app.accounts.models import User
from app.community import terms
from app.core.clock import now
from app.core.db import db
from app.core.models import AuditEvent, OutboxMail
from app.imports import archives, operations, queries
from app.imports.models import Import, ImportedMember, ImportUpload
from tests.accounts.mailbox import link, received
from tests.accounts.test_invitations import at_once
from tests.directory.people import change
from tests.imports.lists import (
    ANA,
    LUIS,
    OTTO,
    TIMEOVERFLOW_TITLES,
    exported,
    listed,
    named,
    people,
    person,
    take_in,
    written,
)
from tests.support.admissions import set_joining
from tests.support.client import CheckedClient
from tests.world import World

GOOD = "velvet otter umbrella"


def upload(browser: CheckedClient, content: bytes, name: str = "members.csv") -> TestResponse:
    """Encoded here: the test client would leave a temporary file open for a large one."""
    file = FileStorage(io.BytesIO(content), name, "upload")
    boundary, body = encode_multipart({"upload": file})
    return browser.post("/admin/import", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def newest(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.max(model.id))) or 0


def text_of(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_the_template_says_what_is_asked(as_: Any, world: World) -> None:
    answer = as_("admin").get("/admin/import/template.csv")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    header, example = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert header[:3] == ["number", "name", "email"] and len(header) == len(example) == 12
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in example)


def test_from_a_file_to_members(as_: Any, world: World) -> None:
    browser = as_("admin")
    before = count(User)
    answer = upload(browser, listed(people(298)))
    assert answer.status_code == 303
    page = browser.get(answer.location)
    assert "Take in 298 members" in text_of(page) and count(User) == before
    done = browser.post(f"{answer.location}/members", follow_redirects=True)
    assert "298 members are in." in text_of(done) and count(User) == before + 298
    assert count(OutboxMail) == 0 and count(ImportUpload) == 0
    again = browser.get(upload(browser, listed(people(298))).location)
    assert "298 are here already, nothing to do" in text_of(again) and "Take in" not in text_of(again)
    once_more = browser.post(f"/admin/import/files/{newest(ImportUpload)}/members", follow_redirects=True)
    assert "298 are here already, nothing to do" in text_of(once_more) and count(Import) == 1
    record = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "members-imported")).one()
    assert record.actor_id == world.admin and "298" in record.detail and "members.csv" in record.detail


def test_faults_are_listed_and_nobody_comes(as_: Any, world: World) -> None:
    browser = as_("admin")
    rows = [person(n, **({"joined": "2020-02-30"} if n % 100 == 7 else {})) for n in range(1, 301)]
    where = upload(browser, listed(rows)).location
    page = text_of(browser.get(where))
    assert "3 things to mend" in page and "Take in" not in page
    for line in (8, 108, 208):
        assert f"Line {line} joined 2020-02-30 There is no such day." in page
    before = count(User)
    assert browser.post(f"{where}/members").status_code == 422
    assert count(User) == before and count(ImportUpload) == 1


def test_a_file_belongs_to_who_chose_it(as_: Any, world: World) -> None:
    """Not even another administrator sees it."""
    change(User, world.mod, role="admin")
    where = upload(as_("admin"), listed([ANA])).location
    other = as_("mod")
    assert other.get(where).status_code == 404
    assert b"members.csv" not in other.get("/admin/import").data
    assert other.post(f"{where}/removal").status_code == 404
    assert other.post(f"{where}/numbers", data={"moves": "1"}).status_code == 404
    assert other.post(f"{where}/members").status_code == 303 and count(Import) == 0
    assert as_("admin").get(where).status_code == 200


def test_a_file_can_be_put_away_and_runs_out(as_: Any, world: World) -> None:
    browser = as_("admin")
    where = upload(browser, listed([ANA])).location
    assert browser.post(f"{where}/removal").status_code == 303
    assert browser.get(where).status_code == 404
    later = upload(browser, listed([ANA])).location
    assert browser.get(later).status_code == 200
    change(ImportUpload, newest(ImportUpload), expires_at=now())
    assert browser.get(later).status_code == 404
    assert browser.post(f"{later}/members").status_code == 303 and count(Import) == 0


def test_the_same_file_again_is_the_one_of_before_and_ten_are_enough(as_: Any, world: World) -> None:
    browser = as_("admin")
    assert upload(browser, listed([ANA])).location == upload(browser, listed([ANA])).location
    for number in range(1, 10):
        assert upload(browser, listed([person(number)])).status_code == 303
    assert upload(browser, listed([person(11)])).status_code == 429
    assert count(ImportUpload) == 10


@pytest.mark.parametrize(
    ("content", "name", "status", "words"),
    [
        (b"", "a.csv", 422, "empty"),
        (b"email\na@example.org\n", "a.csv", 422, "name the columns"),
        (b"PK\x03\x04 nothing", "a.zip", 422, "damaged"),
        (b"name\n" + b"x" * archives.MOST_BYTES, "a.csv", 413, "up to 2 MB"),
        (b"name\n" + b"Ann\n" * 5001, "a.csv", 422, "At most 5000"),
    ],
)
def test_what_cannot_be_taken_is_said_at_the_field(
    as_: Any, world: World, content: bytes, name: str, status: int, words: str
) -> None:
    answer = upload(as_("admin"), content, name)
    assert answer.status_code == status and words in text_of(answer)
    assert b'id="upload-error"' in answer.data and count(ImportUpload) == 0


def test_a_body_beyond_all_measure_is_refused(as_: Any, world: World) -> None:
    assert upload(as_("admin"), b"x" * (9 * 1024 * 1024)).status_code == 413
    assert as_("admin").post("/admin/import", data={"upload": "text"}).status_code == 422
    assert as_("admin").post("/admin/import").status_code == 422


def test_hostile_text_stays_text(as_: Any, world: World) -> None:
    browser = as_("admin")
    evil = "<script>alert(1)</script>"
    content = written([("name", "email", evil), (evil, evil, ""), ("Ann One", "", "")])
    page = browser.get(upload(browser, content, f"{evil}.csv").location).get_data(as_text=True)
    assert evil not in page and "&lt;script&gt;" in page


def test_the_numbers_of_the_file_can_count(as_: Any, world: World) -> None:
    browser = as_("admin")
    number = db.session.get_one(User, world.bob).number
    where = upload(browser, listed([person(1, number=str(number), name="Ann One")])).location
    assert "Bob Brandt has this number here" in text_of(browser.get(where))
    assert browser.post(f"{where}/numbers", data={"moves": "1"}).status_code == 303
    assert "1 member who is here gets another number" in text_of(browser.get(where))
    browser.post(f"{where}/members")
    assert named("Ann One").number == number != named("Bob Brandt").number


def test_undo_on_the_page(as_: Any, world: World) -> None:
    browser = as_("admin")
    before = count(User)
    take_in(world.admin, listed([ANA, OTTO]))
    path = f"/admin/import/{newest(Import)}/undoing"
    assert path in browser.get("/admin/import").get_data(as_text=True)
    assert "2 members are gone again" in text_of(browser.post(path, follow_redirects=True))
    assert count(User) == before
    assert browser.post(path).status_code == 409
    assert "undone by Ada Min" in text_of(browser.get("/admin/import"))


def test_undo_is_not_offered_once_somebody_arrived(as_: Any, world: World) -> None:
    take_in(world.admin, listed([ANA, OTTO]))
    change(User, named("Ana Pérez").id, is_verified=True)
    page = as_("admin").get("/admin/import")
    assert b"/undoing" not in page.data and "1 has arrived" in text_of(page)
    assert as_("admin").post(f"/admin/import/{newest(Import)}/undoing").status_code == 409


def test_timeoverflow_says_what_is_booked(as_: Any, world: World) -> None:
    browser = as_("admin")
    row = ("7", "Rosa Ruiz", "", "", "", "2018-05-06 18:05:11 UTC", "", "es", "-5400")
    alone = written([TIMEOVERFLOW_TITLES, row])
    page = text_of(browser.get(upload(browser, alone, "Members_2026-11-20.csv").location))
    assert "Members owe, together −1 h 30 min" in page and "Take in 1 member" in page
    assert "no transfers to compare with" in page
    page = text_of(browser.get(upload(browser, exported([row]), "export.zip").location))
    assert "1 thing to mend" in page and "make 0:00, the list says -1:30" in page


def test_nobody_gets_mail_before_the_button_and_nobody_twice(as_: Any, world: World) -> None:
    browser = as_("admin")
    take_in(world.admin, listed([ANA, OTTO, *people(30)]))
    assert count(OutboxMail) == 0
    page = browser.get("/admin/import/invitations")
    assert "Invite 21" in text_of(page) and "Ana Pérez" in text_of(page) and count(OutboxMail) == 0
    assert "/reset-password/preview" in page.get_data(as_text=True)
    assert "21 mails are on their way" in text_of(browser.post("/admin/import/invitations", follow_redirects=True))
    assert count(OutboxMail) == 21
    assert "has been invited already" in text_of(browser.post("/admin/import/invitations", follow_redirects=True))
    db.session.query(OutboxMail).delete()  # as the purge does after a month
    db.session.commit()
    browser.post("/admin/import/invitations")
    assert count(OutboxMail) == 0


def test_two_administrators_invite_at_once(app: Flask, as_: Any, world: World) -> None:
    change(User, world.mod, role="admin")
    take_in(world.admin, listed(people(30)))
    browsers = [as_("admin"), as_("mod"), as_("admin"), as_("mod")]
    db.session.remove()
    answers = at_once(4, lambda number: browsers[number].post("/admin/import/invitations").status_code)
    assert answers == [303] * 4 and count(OutboxMail) == 20


def test_the_mail_lets_in_once_and_proves_the_address(as_: Any, client: CheckedClient, world: World) -> None:
    take_in(world.admin, listed([ANA]))
    assert named("Ana Pérez").is_visible is False
    as_("admin").post("/admin/import/invitations")
    [mail] = received("import_invitation")
    assert mail.to == "ana@example.net" and "Ada Min" in mail.text
    path = link("import_invitation")
    page = client.get(path)
    assert "Choose a password" in text_of(page) and "All devices" not in text_of(page)
    entered = client.post(path, data={"password": GOOD})
    assert entered.status_code == 303 and client.get("/settings/account").status_code == 200
    ana = named("Ana Pérez")
    assert ana.is_verified and ana.is_visible and accounts.authenticate("ana@example.net", GOOD)
    db.session.rollback()
    assert client.get(path).status_code == client.post(path, data={"password": GOOD}).status_code == 410
    assert not received("password_changed")
    assert not received("import_invitation"), "a mail that waits still is needless now"


def test_a_link_that_ran_out_and_a_new_one(as_: Any, client: CheckedClient, world: World) -> None:
    take_in(world.admin, listed([ANA]))
    as_("admin").post("/admin/import/invitations")
    path = link("import_invitation")
    with time_machine.travel(now() + timedelta(days=15)):
        gone = client.get(path)
        assert gone.status_code == 410 and b"/forgot-password" in gone.data
        client.post("/forgot-password", data={"email": "ana@example.net"})
        assert client.post(link("reset_password"), data={"password": GOOD}).status_code == 303
    assert named("Ana Pérez").is_verified


def test_who_comes_this_way_agrees_to_the_terms_like_everybody(as_: Any, client: CheckedClient, world: World) -> None:
    terms.publish("Be kind.", 0)
    db.session.commit()
    take_in(world.admin, listed([ANA]))
    operations.invite_all(world.admin)
    db.session.commit()
    client.post(link("import_invitation"), data={"password": GOOD})
    answer = client.get("/members")
    assert answer.status_code == 303 and answer.location.startswith("/terms")


def test_signing_up_with_the_address_of_a_member_who_was_brought_changes_nothing(
    as_: Any, client: CheckedClient, world: World
) -> None:
    """Otherwise anybody could rename those who have not come yet, or take their approval."""
    set_joining("approval")
    take_in(world.admin, listed([ANA]))
    known = {"name": "Mallory", "email": "ana@example.net", "password": GOOD, "timezone": "UTC"}
    client.post("/sign-up", data=known)
    ana = named("Ana Pérez")
    assert ana.approved_at and not ana.password_hash
    assert [mail.to for mail in received("already_member")] == ["ana@example.net"] and not received("verify_email")
    client.post("/verify-email", data={"email": "ana@example.net"})
    assert not received("verify_email") and received("reset_password")


def test_members_without_address_are_not_invited(as_: Any, world: World) -> None:
    take_in(world.admin, listed([OTTO]))
    page = as_("admin").get("/admin/import")
    assert "waiting for an invitation" not in text_of(page)
    as_("admin").post("/admin/import/invitations")
    assert count(OutboxMail) == 0


def test_who_was_switched_off_meanwhile_is_not_invited(as_: Any, world: World) -> None:
    take_in(world.admin, written([("name", "email"), LUIS, ("Ann One", "ann@example.net")]))
    change(User, named("Luis Gil").id, is_active=False)
    as_("admin").post("/admin/import/invitations")
    assert [mail.to for mail in received("import_invitation")] == ["ann@example.net"]


def test_the_export_of_a_member_names_the_import(as_: Any, world: World) -> None:
    row = ("7", "Rosa Ruiz", "", "", "", "2018-05-06 18:05:11 UTC", "", "es", "-5400")
    take_in(world.admin, exported([row]), "export.zip")
    [noted] = queries.export(named("Rosa Ruiz").id)["imported"]
    assert noted["balance_seconds"] == -5400 and noted["line"] == 2


def test_the_overview_asks_the_same_few_questions(as_: Any, world: World, statements: Any) -> None:
    browser = as_("admin")
    counted = []
    for size in (2, 40):
        take_in(world.admin, listed(people(size)))
        with statements() as seen:
            assert browser.get("/admin/import").status_code == 200
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 4, counted
    assert count(ImportedMember) >= 40
