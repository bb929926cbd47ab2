"""In which language a page speaks, and that it says so."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

import config
from app.accounts.models import User
from app.accounts.operations.mails import send
from app.community.models import CommunitySettings
from app.core.db import db
from app.core.i18n import LANGUAGE_COOKIE, compile_translations
from tests.accounts.mailbox import received
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
WELCOME = {"en": "Welcome back", "es": "Qué bien verte"}


def language_of(client: CheckedClient, path: str = "/sign-in", wish: str = "") -> str:
    page = client.get(path, headers={"Accept-Language": wish} if wish else {})
    language: str = page.headers["Content-Language"]
    assert f'<html lang="{language}"' in page.text
    return language


def speak(member_id: int, language: str) -> None:
    db.session.execute(update(User).where(User.id == member_id).values(locale=language))
    db.session.commit()


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("es", "es"),
        ("es-MX,en;q=0.5", "es"),
        ("en-GB,es;q=0.9", "en"),
        ("de,es;q=0.7,en;q=0.3", "es"),
        ("ES_es", "es"),
        ("es;q=0,en", "en"),
        ("de", "en"),
        ("*", "en"),
        ("", "en"),
        ("%%%,;;q=x", "en"),
    ],
)
def test_a_visitor_gets_what_the_browser_asks_for(client: CheckedClient, wish: str, language: str) -> None:
    assert language_of(client, wish=wish) == language
    assert WELCOME[language] in client.get("/sign-in", headers={"Accept-Language": wish}).text


def test_otherwise_the_communitys_language(client: CheckedClient) -> None:
    db.session.execute(update(CommunitySettings).values(locale="es"))
    db.session.commit()
    assert language_of(client, wish="de") == "es"
    assert language_of(client, wish="en") == "en"


def test_a_visitor_chooses_and_stays_on_the_page(client: CheckedClient) -> None:
    page = client.get("/sign-in?next=/members", headers={"Accept-Language": "en"})
    assert '<button class="btn btn-sm" type="submit" name="language" value="es" lang="es">' in page.text
    answer = client.post("/language", data={"language": "es", "next": "/sign-in?next=/members"})
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/members"
    assert language_of(client, wish="en") == "es"
    client.post("/language", data={"language": "en", "next": "/sign-in"})
    assert language_of(client, wish="es") == "en"


def test_only_languages_of_the_site_can_be_chosen(client: CheckedClient) -> None:
    assert client.post("/language", data={"language": "xx"}).status_code == 400
    assert client.post("/language", data={"language": "es", "next": "https://example.com/"}).location == "/"
    client.set_cookie(LANGUAGE_COOKIE, "../../etc")
    assert language_of(client) == "en"


def test_a_member_chooses_in_the_settings(as_: As, world: World) -> None:
    alice = as_("alice")
    alice.set_cookie(LANGUAGE_COOKIE, "es")
    assert language_of(alice, "/settings/account", "es") == "en"
    assert 'action="/language"' not in alice.get("/").text
    saved = alice.post("/settings/account", data={"locale": "es"}, follow_redirects=True)
    assert "Guardado." in saved.text
    assert language_of(alice, "/settings/account", "en") == "es"
    assert language_of(as_("bob"), "/", "es") == "en"


def test_errors_speak_the_readers_language(as_: As, client: CheckedClient, world: World) -> None:
    assert language_of(client, "/sign-in/nothing", "es") == "es"
    speak(world.alice, "es")
    missing = as_("alice").get("/there-is-nothing-here")
    assert missing.status_code == 404
    assert missing.headers["Content-Language"] == "es"
    assert "Aquí no hay nada" in missing.text
    moved = as_("alice").post("/members")
    assert moved.status_code == 405
    assert "Eso no funciona aquí" in moved.text


def test_forms_speak_the_readers_language_to_the_last_word(as_: As, world: World, app: Flask) -> None:
    speak(world.alice, "es")
    alice = as_("alice")
    refused = alice.post("/settings/account", data={"locale": "xx"})
    assert refused.status_code == 422
    assert "Not a valid choice" not in refused.text
    assert "Opción inválida." in refused.text


def test_names_times_and_counts_follow(as_: As, world: World) -> None:
    speak(world.alice, "es")
    alice = as_("alice")
    members = alice.get("/members").text
    assert "martes" in members.lower()
    assert "integrantes" in members
    assert "Francés" in alice.get("/settings/profile").text
    spoken = alice.get("/settings/sessions").text
    assert re.search(r'title="\d+ de [a-z]+ de \d{4}, \d\d:\d\d', spoken), "an exact time"
    assert "hace " in spoken


def test_mail_speaks_the_receivers_language_whoever_causes_it(app: Flask, as_: As, world: World) -> None:
    speak(world.alice, "es")
    db.session.execute(update(User).where(User.id == world.alice).values(is_verified=False))
    send("verify_email", world.alice)
    send("password_changed", world.bob)
    db.session.commit()
    with app.test_request_context(headers={"Accept-Language": "en"}):
        spanish, english = received("verify_email")[-1], received("password_changed")[-1]
    assert spanish.subject.startswith("Confirma tu dirección en ")
    assert "Hola, Alice Adeyemi:" in spanish.text
    assert "El enlace dura 3 días." in spanish.text
    assert '<html lang="es">' in spanish.html
    assert english.subject.startswith("Your password for ")
    assert '<html lang="en">' in english.html


def test_every_kind_of_mail_has_a_spanish_subject(app: Flask, world: World) -> None:
    """The subject is a sentence of the catalogue; its parameters are the only words that stay."""
    for template in sorted((config.ROOT / "templates" / "emails").glob("*.html")):
        subjects = re.findall(r"{% block subject %}(.*?){% endblock %}", template.read_text(), re.DOTALL)
        assert all("_(" in subject for subject in subjects), template.name


def test_who_joins_in_spanish_gets_spanish_mail(client: CheckedClient, world: World) -> None:
    client.post("/language", data={"language": "es"})
    form = {"name": "Diego Durán", "email": "diego@example.net", "password": "velvet otter umbrella", "timezone": "UTC"}
    assert client.post("/sign-up", data=form).status_code == 303
    assert received("verify_email")[-1].subject.startswith("Confirma tu dirección")
    assert db.session.scalar(select(User.locale).where(User.email_key == "diego@example.net")) == "es"


def test_catalogues_are_made_when_their_text_changes(tmp_path: Path) -> None:
    text = tmp_path / "es" / "LC_MESSAGES" / "messages.po"
    text.parent.mkdir(parents=True)
    text.write_text('msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "a"\nmsgstr "b"\n')
    assert compile_translations(tmp_path) == [text.with_suffix(".mo")]
    assert compile_translations(tmp_path) == []
    os.utime(text, ns=(2**62, 2**62))
    assert compile_translations(tmp_path) == [text.with_suffix(".mo")]
    assert list(text.parent.glob("*.tmp")) == []
