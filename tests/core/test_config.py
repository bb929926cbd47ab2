"""The settings: what is accepted, what is refused with one sentence, and that each of them is documented."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import config
from app.community.demo import COMMUNITIES
from app.community.presets import PRESETS
from config import DEMOS, ROOT, ConfigurationError, load

PRODUCTION = {
    "GUILDHALL_ENV": "production",
    "SECRET_KEY": "k" * 32,
    "PUBLIC_URL": "https://guild.example.org",
    "DATABASE_URL": "postgresql://guildhall:hunter2@db.example.org/guildhall",
}
DEVELOPMENT = {"SECRET_KEY": "a key for tests"}


def names_read_by_config() -> set[str]:
    """Every NAME in config.py's `environ.get("NAME")` and `_number(environ, "NAME", …)` and the like."""
    names = set()
    for node in ast.walk(ast.parse(Path(config.__file__).read_text())):
        if isinstance(node, ast.Call):
            words = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            reads = any(isinstance(part, ast.Name) and part.id == "environ" for part in [*node.args, _owner(node.func)])
            names |= {word for word in words[:1] if reads and word.isupper()}
    return names


def _owner(function: ast.expr) -> ast.expr:
    return function.value if isinstance(function, ast.Attribute) else function


def test_every_setting_stands_in_the_table_and_nothing_else() -> None:
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    assert len(table) == len(set(table))
    assert set(table) == names_read_by_config(), "docs/settings.md and config.py name different settings"


def test_the_example_file_names_only_settings_and_starts_in_production() -> None:
    text = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)) <= names_read_by_config()
    assert "SECRET_KEY=\n" in text, "an example key would be used by somebody"


def test_development_needs_no_settings_but_its_own_key() -> None:
    settings = load(DEVELOPMENT)
    assert settings.development
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{ROOT}/instance/guildhall.sqlite"
    assert settings.demo == "everything"
    assert settings.auto_migrate
    assert not settings.as_flask()["SESSION_COOKIE_SECURE"]


def test_production_is_careful_by_default() -> None:
    settings = load(PRODUCTION)
    flask = settings.as_flask()
    assert not settings.demo
    assert not settings.auto_migrate
    assert flask["SESSION_COOKIE_NAME"] == "__Host-guildhall"
    assert flask["SESSION_COOKIE_SECURE"]
    assert flask["TRUSTED_HOSTS"] == ["guild.example.org"]


@pytest.mark.parametrize(
    ("value", "demo"), [("", "everything"), ("1", "everything"), ("0", ""), ("off", ""), ("Time-Bank ", "time-bank")]
)
def test_the_demo_is_named_by_its_preset(value: str, demo: str) -> None:
    assert load({**DEVELOPMENT, "DEMO": value}).demo == demo


def test_there_is_a_demo_of_each_preset() -> None:
    assert list(DEMOS) == list(PRESETS) == list(COMMUNITIES)


@pytest.mark.parametrize("name", ["SECRET_KEY", "PUBLIC_URL", "DATABASE_URL"])
def test_production_refuses_a_missing_setting(name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name} is missing"):
        load({**PRODUCTION, name: ""})


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({**PRODUCTION, "SECRET_KEY": "short"}, "SECRET_KEY is missing or shorter than 32"),
        ({**PRODUCTION, "FLASK_DEBUG": "1"}, "FLASK_DEBUG is on"),
        ({**PRODUCTION, "DEMO": "1"}, "DEMO is on"),
        ({**PRODUCTION, "DEMO": "research"}, "DEMO is on"),
        ({**DEVELOPMENT, "DEMO": "circus"}, "DEMO is 'circus'; it must be 0, 1 or one of time-bank, skill-swap"),
        ({**PRODUCTION, "DATABASE_URL": "mysql://db/x"}, "only sqlite:// and postgresql://"),
        ({**PRODUCTION, "DATABASE_URL": "sqlite://"}, "names no file"),
        ({**PRODUCTION, "DATABASE_URL": "sqlite:///:memory:"}, "names no file"),
        ({**PRODUCTION, "PUBLIC_URL": "guild.example.org"}, "must look like https://"),
        ({**PRODUCTION, "PUBLIC_URL": "https://guild.example.org/path"}, "must look like https://"),
        ({**PRODUCTION, "GUILDHALL_ENV": "staging"}, "must be development or production"),
        ({**DEVELOPMENT, "HOST": "0.0.0.0"}, "listens on this machine only"),  # noqa: S104 it is refused
        ({**DEVELOPMENT, "PUBLIC_URL": "https://guild.example.org"}, "PUBLIC_URL is not this machine"),
        ({**DEVELOPMENT, "PORT": "http"}, "PORT is 'http'"),
        ({**DEVELOPMENT, "PORT": "70000"}, "between 1 and 65535"),
        ({**DEVELOPMENT, "PORT": "-1"}, "whole number"),
        ({**DEVELOPMENT, "MAIL_TLS": "ssl"}, "MAIL_TLS is 'ssl'"),
    ],
)
def test_an_unusable_value_is_refused_with_one_sentence(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(sentence)) as refusal:
        load(environ)
    assert "\n" not in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg"])
def test_postgresql_is_reached_through_the_driver_that_is_installed(scheme: str) -> None:
    settings = load({**DEVELOPMENT, "DATABASE_URL": f"{scheme}://me:secret@db/guild"})
    assert settings.database_url == "postgresql+psycopg2://me:secret@db/guild"
    assert settings.database_direct_url == settings.database_url


def test_the_other_name_of_the_database_address_and_the_direct_one() -> None:
    settings = load(
        {**DEVELOPMENT, "SQLALCHEMY_DATABASE_URI": "postgresql://pooler/g", "DATABASE_DIRECT_URL": "postgres://db/g"}
    )
    assert settings.database_url == "postgresql+psycopg2://pooler/g"
    assert settings.database_direct_url == "postgresql+psycopg2://db/g"


def test_a_relative_sqlite_path_is_the_checkouts_wherever_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        load({**DEVELOPMENT, "DATABASE_URL": "sqlite:///data/x.sqlite"}).database_url
        == f"sqlite:///{ROOT}/data/x.sqlite"
    )
    assert load({**DEVELOPMENT, "DATABASE_URL": "sqlite:////srv/x.sqlite"}).database_url == "sqlite:////srv/x.sqlite"


def test_an_env_file_that_others_can_read_stops_production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "ROOT", tmp_path)
    dotenv = tmp_path / ".env"
    dotenv.write_text("SECRET_KEY=x\n")
    dotenv.chmod(0o644)
    with pytest.raises(ConfigurationError, match=r"chmod 600 \.env"):
        load(PRODUCTION)
    dotenv.chmod(0o600)
    assert load(PRODUCTION).production


def test_the_environment_wins_over_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "ROOT", tmp_path)
    (tmp_path / ".env").write_text("PORT=9001\nMAIL_PORT=2525\nSECRET_KEY=from the file\n")
    for name in names_read_by_config():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PORT", "9002")
    settings = load()
    assert (settings.port, settings.mail_port, settings.secret_key) == (9002, 2525, "from the file")


def test_the_development_key_is_made_once_and_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "ROOT", tmp_path)
    first, second = load({}), load({})
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "instance" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_cannot_be_kept_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "ROOT", tmp_path)
    (tmp_path / "instance").write_text("a file where a folder is needed")
    with pytest.raises(ConfigurationError, match="instance cannot be made"):
        load({})


def test_no_secret_shows_in_the_settings_own_words() -> None:
    shown = repr(load({**PRODUCTION, "MAIL_PASSWORD": "hunter3"}))
    assert "hunter" not in shown
    assert PRODUCTION["SECRET_KEY"] not in shown
