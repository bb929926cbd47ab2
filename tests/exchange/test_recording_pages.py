"""Writing help down in a browser without a script: nothing typed is lost, and nothing is posted twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.accounts.models import User
from app.community.models import CommunitySettings
from app.core.clock import now
from app.core.db import db
from app.exchange.models import HourRecord
from app.wallet.models import Transfer
from tests.accounts.test_invitations import at_once
from tests.directory.people import add_member
from tests.support.client import CheckedClient
from tests.support.hours import given, pairs, write_down
from tests.support.ledger import assert_whole, give_hours
from tests.world import World

As = Callable[[str], CheckedClient]
KEY = "a-key-of-sixteen-letters"


@pytest.fixture
def funded(app: Flask, world: World) -> Iterator[World]:
    for user_id in (world.alice, world.bob):
        give_hours(user_id, 600)
    db.session.commit()
    yield world
    assert_whole()


def form(*others: int, **values: Any) -> dict[str, Any]:
    known = {"direction": "helped-me", "hours": "1", "minutes": "30", "done_on": now().date().isoformat()}
    return {**known, "category": "", "note": "Moved a sofa", "others": list(others), "idempotency_key": KEY, **values}


def hidden(page: str) -> dict[str, Any]:
    """What the form of the preview would send, other people and all."""
    before, _name, after = page.partition('name="sharing"')
    sent = before[before.rindex("<form") :] + _name + after[: after.index("</form>")]
    fields: dict[str, Any] = {"others": re.findall(r'name="others" value="(\d+)"', sent)}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', sent):
        if name not in ("others", "do", "csrf_token"):
            fields[name] = value
    return fields


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_from_the_first_page_to_the_transfer(funded: World, as_: As) -> None:
    alice = as_("alice")
    page = alice.get(f"/hours/record?with={funded.bob}").text
    assert "Bob Brandt" in page and f'value="{now().date()}"' in page
    preview = alice.post("/hours/record", data=form(funded.bob, do="preview"))
    assert preview.status_code == 200 and "Is that right?" in preview.text
    assert "1 h 30 min" in preview.text and "Moved a sofa" in preview.text
    assert (count(HourRecord), count(Transfer)) == (0, 2)
    answer = alice.post("/hours", data=hidden(preview.text))
    assert answer.status_code == 303
    assert "Bob Brandt helped you" in alice.get(answer.location).text
    assert count(Transfer) == 3


def test_who_is_typed_once_more_is_not_an_error(funded: World, as_: As) -> None:
    preview = as_("alice").post("/hours/record", data=form(funded.bob, q="Bob"))
    assert preview.status_code == 200 and "Is that right?" in preview.text


def test_several_are_added_without_a_script(funded: World, as_: As) -> None:
    carol, alice = add_member("Carola Brandt"), as_("alice")
    page = alice.post("/hours/record", data=form(do="add", q="brandt"))
    assert page.status_code == 200 and "Carola Brandt" in page.text and "Bob Brandt" in page.text
    page = alice.post("/hours/record", data=form(add=str(carol), q="brandt"))
    assert f'name="others" value="{carol}"' in page.text and 'value="Moved a sofa"' in page.text
    page = alice.post("/hours/record", data=form(carol, do="add", q="bob"))
    assert f'name="others" value="{carol}"' in page.text and f'name="others" value="{funded.bob}"' in page.text
    assert "The full time counts for each of them." in page.text
    page = alice.post("/hours/record", data=form(carol, funded.bob, remove=str(carol)))
    assert f'name="others" value="{carol}"' not in page.text
    preview = alice.post("/hours/record", data=form(carol, funded.bob, do="preview"))
    assert "3 h" in preview.text
    change = alice.post("/hours/record", data={**hidden(preview.text), "do": "change"})
    assert change.status_code == 200 and 'value="Moved a sofa"' in change.text and "Carola Brandt" in change.text


def test_a_name_that_was_typed_and_not_added_counts(funded: World, as_: As) -> None:
    preview = as_("alice").post("/hours/record", data=form(do="preview", q="Bob B"))
    assert preview.status_code == 200 and "Is that right?" in preview.text
    by_number = db.session.get_one(User, funded.bob).number
    preview = as_("alice").post("/hours/record", data=form(do="preview", q=str(by_number)))
    assert "Is that right?" in preview.text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"done_on": str(now().date() + timedelta(days=2))}, "has not come yet"),
        ({"done_on": ""}, "Choose the day"),
        ({"hours": "", "minutes": ""}, "How long did it take?"),
        ({"hours": "0", "minutes": "0"}, "How long did it take?"),
        ({"hours": "11"}, "you have 10 h left"),
        ({"hours": "-1"}, "Number must be between"),
        ({"hours": "9" * 30}, "Number must be between"),
        ({"others": []}, "Add the one who helped you"),
        ({"others": [], "q": "Nobody Atall"}, "Nobody of this name"),
        ({"others": ["99999"]}, "cannot be chosen any more"),
        ({"direction": "others"}, "Not a valid choice"),
        ({"category": "77"}, "Not a valid choice"),
        ({"note": "x" * 501}, "At most 500 characters"),
    ],
)
@pytest.mark.parametrize("address", ["/hours/record", "/hours"])
def test_what_is_refused_keeps_what_was_typed(
    funded: World, as_: As, values: dict[str, Any], said: str, address: str
) -> None:
    if "q" in values and address == "/hours":
        return
    data = {**form(funded.bob, do="preview", sharing="each", note="Kept words"), **values}
    page = as_("alice").post(address, data=data)
    assert page.status_code == 422 and said in page.text
    assert "Kept words" in page.text or "note" in values
    assert "Bob Brandt" in page.text or "others" in values
    assert count(HourRecord) == 0


def test_oneself_and_the_blocked_are_not_found(funded: World, as_: As) -> None:
    assert "Nobody of this name" in as_("alice").post("/hours/record", data=form(do="add", q="Alice")).text
    page = as_("alice").post("/hours/record", data=form(funded.alice, do="preview"))
    assert page.status_code == 422 and "Nobody helps themselves" in page.text


def test_sixteen_posts_of_one_form_record_once(funded: World, as_: As) -> None:
    data = form(funded.bob, sharing="each")
    browsers = [as_("alice") for _n in range(16)]
    answers = at_once(16, lambda n: browsers[n].post("/hours", data=data))
    assert {answer.status_code for answer in answers} == {303} and len({answer.location for answer in answers}) == 1
    assert count(HourRecord) == 1 and count(Transfer) == 3


def test_sixteen_clicks_of_one_yes_pay_once(funded: World, as_: As) -> None:
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True)))
    url = f"/hours/{pair.record_id}/people/{pair.id}/acceptance"
    db.session.rollback()
    browsers = [as_("alice") for _n in range(16)]
    data = {"version": "1", "idempotency_key": KEY}
    assert at_once(16, lambda n: browsers[n].post(url, data=data).status_code) == [303] * 16
    assert count(Transfer) == 3


def test_a_second_tab_is_told_that_somebody_was_faster(funded: World, as_: As) -> None:
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True)))
    url = f"/hours/{pair.record_id}/people/{pair.id}"
    alice = as_("alice")
    assert alice.post(f"{url}/acceptance", data={"version": "1", "idempotency_key": KEY}).status_code == 303
    again = {"version": "1", "idempotency_key": f"{KEY}-2", "reason": "No"}
    assert alice.post(f"{url}/acceptance", data=again).status_code == 409
    assert alice.post(f"{url}/refusal", data=again).status_code == 409


def test_a_changed_rule_shows_the_preview_anew(funded: World, as_: As) -> None:
    alice = as_("alice")
    carol = add_member("Carola Chen")
    preview = alice.post("/hours/record", data=form(funded.bob, carol, do="preview"))
    db.session.execute(update(CommunitySettings).values(hour_sharing="shared"))
    db.session.commit()
    page = alice.post("/hours", data=hidden(preview.text))
    assert page.status_code == 409 and "has just changed" in page.text and "Carola Chen" in page.text
    assert count(HourRecord) == 0


def test_declining_takes_a_reason_and_keeps_the_page(funded: World, as_: As) -> None:
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True)))
    url = f"/hours/{pair.record_id}/people/{pair.id}/refusal"
    page = as_("alice").post(url, data={"version": "1", "idempotency_key": KEY, "reason": " "})
    assert page.status_code == 422 and "Say in a few words why." in page.text
    page = as_("alice").post(url, data={"version": "1", "idempotency_key": KEY, "reason": "Not me"})
    assert page.status_code == 303
    assert "Not me" in as_("bob").get(page.location).text


def test_a_yes_without_means_is_said_on_the_page(funded: World, as_: As) -> None:
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.carol, minutes=30, is_helper=True)))
    url = f"/hours/{pair.record_id}/people/{pair.id}/acceptance"
    page = as_("carol").post(url, data={"version": "1", "idempotency_key": KEY})
    assert page.status_code == 422 and "That is more than you can give" in page.text
    assert "Yes, that is right" in page.text


def test_one_click_on_the_list(funded: World, as_: As) -> None:
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, minutes=45, is_helper=True)))
    page = as_("alice").get("/hours").text
    assert "1 waits for your answer" in page and "You helped" not in page and "Bob Brandt helped you" in page
    assert f"/hours/{pair.record_id}/people/{pair.id}/acceptance" in page
    assert "acceptance" not in as_("bob").get("/hours").text


def test_coordinators_write_for_others(funded: World, as_: As) -> None:
    mod = as_("mod")
    page = mod.post("/hours/record", data=form(direction="others", do="add", q="a"))
    assert 'name="choose"' in page.text and 'name="add"' in page.text
    page = mod.post("/hours/record", data=form(direction="others", choose=str(funded.bob)))
    assert f'name="one" value="{funded.bob}"' in page.text
    preview = mod.post("/hours/record", data=form(funded.alice, direction="others", one=str(funded.bob), do="preview"))
    assert "It is paid at once, and both sides are told." in preview.text
    answer = mod.post("/hours", data=hidden(preview.text))
    assert answer.status_code == 303
    assert "Bob Brandt helped Alice Adeyemi" in mod.get("/hours?view=recorded").text
    assert "Bob Brandt helped you" in as_("alice").get("/hours").text
    assert "Bob Brandt helped" not in mod.get("/hours").text


def test_members_do_not_write_for_others(funded: World, as_: As) -> None:
    page = as_("carol").post("/hours", data=form(funded.alice, one=str(funded.bob), direction="others", sharing="each"))
    assert page.status_code == 422 and count(HourRecord) == 0


def test_what_passed_between_others_is_not_seen(funded: World, as_: As) -> None:
    """Of a record with several people each sees themselves; the stranger sees nothing."""
    dora = add_member("Dora Deux")
    record_id = write_down(funded.alice, given(funded.alice, funded.bob, dora, minutes=10))
    assert "Dora Deux" in as_("alice").get(f"/hours/{record_id}").text
    assert "Dora Deux" not in as_("bob").get(f"/hours/{record_id}").text
    assert as_("carol").get(f"/hours/{record_id}").status_code == 404
    assert as_("carol").get("/hours/99999").status_code == 404


def test_pages_of_a_long_list(funded: World, as_: As, statements: Callable[[], Any]) -> None:
    for n in range(30):
        write_down(funded.alice, given(funded.alice, funded.bob, minutes=1, note=f"Help {n:02}"))
    alice = as_("alice")
    with statements() as seen:
        page = alice.get("/hours").text
    assert len(seen) <= 3, seen
    assert "Help 29" in page and "Help 05" not in page
    following = re.search(r'href="(/hours\?after=[^"]+)"', page)
    assert following
    page = alice.get(following[1]).text
    assert "Help 05" in page and "Help 00" in page and "Help 06" not in page


def test_the_form_takes_few_statements(funded: World, as_: As, statements: Callable[[], Any]) -> None:
    alice = as_("alice")
    with statements() as seen:
        alice.get(f"/hours/record?with={funded.bob}")
    assert len(seen) <= 3, seen


def test_switched_off_there_is_nothing(funded: World, as_: As) -> None:
    write_down(funded.alice, given(funded.alice, funded.bob))
    db.session.execute(update(CommunitySettings).values(switches={"hours": False}))
    db.session.commit()
    alice = as_("alice")
    assert [alice.get(path).status_code for path in ("/hours", "/hours/record", "/hours/1")] == [404] * 3
    assert "/hours/record" not in alice.get("/").text


def test_the_plus_menu_leads_there(funded: World, as_: As) -> None:
    assert 'href="/hours/record"' in as_("alice").get("/").text


def test_administrators_set_the_rule(funded: World, as_: As) -> None:
    admin, carol = as_("admin"), add_member("Carola Chen")
    assert admin.post("/admin/settings/hours", data={"hour_sharing": "shared"}).status_code == 303
    assert re.search(r'value="shared"[^>]*checked|checked[^>]*value="shared"', admin.get("/admin/settings").text)
    preview = as_("alice").post("/hours/record", data=form(funded.bob, carol, minutes="31"))
    assert "46 min" in preview.text and "45 min" in preview.text and "1 h 31 min" in preview.text
    assert admin.post("/admin/settings/hours", data={"hour_sharing": "nobody"}).status_code == 422
