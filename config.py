"""Settings, read from the environment once at process start; docs/settings.md lists them all."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
DEVELOPMENT_SECRET_FILE = "secret-key"  # noqa: S105 the file's name, not a secret
TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off"}
# What the demo community can be; a test holds them against the presets.
DEMOS = ("time-bank", "skill-swap", "collective", "research", "everything")


class ConfigurationError(Exception):
    """A setting that must not be used as it is; the message is one sentence for the operator."""


@dataclass(frozen=True)
class Config:
    """All settings. Flask receives them by `as_flask()`; everything else reads `current_app.config`."""

    environment: str
    secret_key: str = field(repr=False)
    public_url: str
    host: str
    port: int
    database_url: str = field(repr=False)
    database_direct_url: str = field(repr=False)
    pool_size: int
    max_overflow: int
    pool_timeout: int
    sql_echo: bool
    auto_migrate: bool
    uploads: Path
    mail_server: str
    mail_port: int
    mail_username: str
    mail_password: str = field(repr=False)
    mail_tls: str
    mail_sender: str
    trusted_proxies: int
    session_idle: timedelta
    session_lifetime: timedelta
    backup_dir: Path
    backup_keep: timedelta
    backup_copy_to: str
    backup_s3_bucket: str
    backup_s3_endpoint: str
    backup_s3_region: str
    backup_s3_access_key: str
    backup_s3_secret_key: str = field(repr=False)
    backup_ping_url: str = field(repr=False)
    demo: str

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def development(self) -> bool:
        return self.environment == "development"

    def as_flask(self) -> dict[str, object]:
        """The Flask configuration: upper-case keys, the ones that extensions read under their own names."""
        public = urlsplit(self.public_url)
        secure = public.scheme == "https"
        return {
            "GUILDHALL_ENV": self.environment,
            "DEVELOPMENT": self.development,
            "SECRET_KEY": self.secret_key,
            "PUBLIC_URL": self.public_url,
            "PREFERRED_URL_SCHEME": public.scheme,
            "TRUSTED_HOSTS": trusted_hosts(public.hostname or "", self.development),
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": self.engine_options(),
            "SQLALCHEMY_ECHO": self.sql_echo,
            "DATABASE_DIRECT_URL": self.database_direct_url,
            "AUTO_MIGRATE": self.auto_migrate,
            "UPLOADS": self.uploads,
            "MAIL_BACKEND": "smtp" if self.mail_server else "dummy",
            "MAIL_SERVER": self.mail_server,
            "MAIL_PORT": self.mail_port,
            "MAIL_USERNAME": self.mail_username or None,
            "MAIL_PASSWORD": self.mail_password or None,
            "MAIL_USE_TLS": self.mail_tls == "starttls",
            "MAIL_USE_SSL": self.mail_tls == "tls",
            "MAIL_TIMEOUT": 20,
            "MAIL_DEFAULT_SENDER": self.mail_sender,
            "TRUSTED_PROXIES": self.trusted_proxies,
            "SESSION_IDLE": self.session_idle,
            "SESSION_LIFETIME": self.session_lifetime,
            "PERMANENT_SESSION_LIFETIME": self.session_lifetime,
            "SESSION_COOKIE_NAME": "__Host-guildhall" if secure else "guildhall",
            "SESSION_COOKIE_SECURE": secure,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_REFRESH_EACH_REQUEST": False,
            "MAX_CONTENT_LENGTH": 8 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 512 * 1024,
            "MAX_FORM_PARTS": 500,
            "WTF_CSRF_TIME_LIMIT": None,
            "BACKUP_DIR": self.backup_dir,
            "BACKUP_IS_COPIED": bool(self.backup_copy_to or self.backup_s3_bucket),
            "DEMO": self.demo,
        }

    def engine_options(self) -> dict[str, object]:
        if self.database_url.startswith("sqlite"):
            return {"connect_args": {"timeout": 15, "check_same_thread": False}}
        return {
            "pool_size": self.pool_size,
            "max_overflow": self.max_overflow,
            "pool_timeout": self.pool_timeout,
            "pool_recycle": 3600,
            "pool_pre_ping": True,
            "connect_args": {"connect_timeout": 5, "options": "-c statement_timeout=30000 -c jit=off -c timezone=UTC"},
        }


def trusted_hosts(public_host: str, development: bool) -> list[str]:
    """Host headers that are answered; anything else is a 400, so that no mail carries a foreign host."""
    return sorted({public_host, *LOOPBACK}) if development else [public_host]


def load(environ: Mapping[str, str] | None = None) -> Config:
    """The settings from `environ` (default: `.env` beside this file, overridden by the process environment).

    Raises ConfigurationError when a value cannot be used or production would be unsafe.
    """
    if environ is None:
        environ = {**{k: v for k, v in dotenv_values(ROOT / ".env").items() if v is not None}, **os.environ}
    environment = environ.get("GUILDHALL_ENV") or "development"
    if environment not in {"development", "production"}:
        raise ConfigurationError(f"GUILDHALL_ENV is {environment!r}; it must be development or production.")
    production = environment == "production"
    host, port = environ.get("HOST") or "127.0.0.1", _number(environ, "PORT", 8000)
    if not 1 <= port <= 65535:
        raise ConfigurationError(f"PORT is {port}; it must be between 1 and 65535.")
    uri = environ.get("DATABASE_URL") or environ.get("SQLALCHEMY_DATABASE_URI") or ""
    database_url = database_address(uri, production)
    config = Config(
        environment=environment,
        secret_key=_secret_key(environ, production),
        public_url=_public_url(environ, host, port, production),
        host=host,
        port=port,
        database_url=database_url,
        database_direct_url=database_address(environ.get("DATABASE_DIRECT_URL") or database_url, production),
        pool_size=_number(environ, "DATABASE_POOL_SIZE", 10),
        max_overflow=_number(environ, "DATABASE_MAX_OVERFLOW", 20),
        pool_timeout=_number(environ, "DATABASE_POOL_TIMEOUT", 30),
        sql_echo=_flag(environ, "SQL_ECHO", False),
        auto_migrate=_flag(environ, "AUTO_MIGRATE", not production),
        uploads=_folder(environ.get("UPLOADS") or "instance/uploads"),
        mail_server=environ.get("MAIL_SERVER", ""),
        mail_port=_number(environ, "MAIL_PORT", 587),
        mail_username=environ.get("MAIL_USERNAME", ""),
        mail_password=environ.get("MAIL_PASSWORD", ""),
        mail_tls=_choice(environ, "MAIL_TLS", "starttls", {"starttls", "tls", "none"}),
        mail_sender=environ.get("MAIL_SENDER") or "Guildhall <guildhall@localhost>",
        trusted_proxies=_number(environ, "TRUSTED_PROXIES", 0),
        session_idle=timedelta(days=_number(environ, "SESSION_IDLE", 14)),
        session_lifetime=timedelta(days=_number(environ, "SESSION_LIFETIME", 90)),
        backup_dir=_folder(environ.get("BACKUP_DIR") or "instance/backups"),
        backup_keep=timedelta(days=_number(environ, "BACKUP_KEEP", 7)),
        backup_copy_to=environ.get("BACKUP_COPY_TO", ""),
        backup_s3_bucket=environ.get("BACKUP_S3_BUCKET", "").removeprefix("s3://").strip("/"),
        backup_s3_endpoint=environ.get("BACKUP_S3_ENDPOINT", ""),
        backup_s3_region=environ.get("BACKUP_S3_REGION", ""),
        backup_s3_access_key=environ.get("BACKUP_S3_ACCESS_KEY", ""),
        backup_s3_secret_key=environ.get("BACKUP_S3_SECRET_KEY", ""),
        backup_ping_url=environ.get("BACKUP_PING_URL", ""),
        demo=_demo(environ, production),
    )
    _refuse_unsafe(config, environ)
    _refuse_unusable_backups(config)
    return config


def database_address(address: str, production: bool = False) -> str:
    """`address` for SQLAlchemy: PostgreSQL through psycopg2, SQLite with an absolute path.

    Production never makes an SQLite file in silence: the address has to be given.
    """
    if not address:
        if production:
            raise ConfigurationError("DATABASE_URL is missing; production needs the address of its database.")
        return f"sqlite:///{ROOT / 'instance' / 'guildhall.sqlite'}"
    scheme, _, rest = address.partition("://")
    if scheme.split("+")[0] in {"postgres", "postgresql"}:
        return f"postgresql+psycopg2://{rest}"
    if scheme == "sqlite":
        path = rest.removeprefix("/")
        if not path or path == ":memory:":
            raise ConfigurationError(
                "DATABASE_URL names no file; an SQLite address is sqlite:////absolute/path.sqlite."
            )
        return f"sqlite:///{_folder(path)}"
    raise ConfigurationError(f"DATABASE_URL starts with {scheme}://; only sqlite:// and postgresql:// are supported.")


def _refuse_unsafe(config: Config, environ: Mapping[str, str]) -> None:
    if config.development:
        if config.host not in LOOPBACK:
            raise ConfigurationError(f"HOST is {config.host}; development listens on this machine only (127.0.0.1).")
        if urlsplit(config.public_url).hostname not in LOOPBACK:
            raise ConfigurationError("PUBLIC_URL is not this machine; set GUILDHALL_ENV=production to serve others.")
        return
    if _flag(environ, "FLASK_DEBUG", False):
        raise ConfigurationError("FLASK_DEBUG is on; production does not start with the debugger.")
    if config.demo:
        raise ConfigurationError("DEMO is on; production does not load the demo community.")
    dotenv = ROOT / ".env"
    if dotenv.exists() and stat.S_IMODE(dotenv.stat().st_mode) & 0o077:
        raise ConfigurationError("The file .env can be read by others; make it private with: chmod 600 .env")


def _refuse_unusable_backups(config: Config) -> None:
    if config.backup_keep < timedelta(days=1):
        raise ConfigurationError("BACKUP_KEEP is 0; backups are kept for one day at least.")
    backups, uploads = config.backup_dir.resolve(), config.uploads.resolve()
    if backups == uploads or uploads in backups.parents or backups in uploads.parents:
        raise ConfigurationError("BACKUP_DIR and UPLOADS lie inside each other; a backup would hold the backups.")
    if config.backup_ping_url and not re.fullmatch(r"https?://\S+", config.backup_ping_url):
        raise ConfigurationError("BACKUP_PING_URL is no address; it must begin with https:// or http://.")


def _secret_key(environ: Mapping[str, str], production: bool) -> str:
    key = environ.get("SECRET_KEY", "")
    if production:
        if len(key) < 32:
            raise ConfigurationError("SECRET_KEY is missing or shorter than 32 characters; production needs one.")
        return key
    return key or _development_secret(ROOT / "instance" / DEVELOPMENT_SECRET_FILE)


def _development_secret(path: Path) -> str:
    """A key of this checkout's own, so that sessions outlive a restart and no key is shared by all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"The folder {path.parent} cannot be made: {error.strerror}.") from error
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigurationError(f"The folder {path.parent} cannot be written: {error.strerror}.") from error
    return path.read_text()


def _public_url(environ: Mapping[str, str], host: str, port: int, production: bool) -> str:
    url = (environ.get("PUBLIC_URL") or "").rstrip("/")
    if not url and production:
        raise ConfigurationError("PUBLIC_URL is missing; production needs the address that members type.")
    url = url or f"http://{'[::1]' if host == '::1' else host}:{port}"
    if not re.fullmatch(r"https?://[^/?#@\s]+", url):
        raise ConfigurationError(f"PUBLIC_URL is {url!r}; it must look like https://guild.example.org.")
    return url


def _folder(path: str) -> Path:
    return Path(path) if Path(path).is_absolute() else ROOT / path


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name) or str(default)
    if not re.fullmatch(r"\d{1,9}", value):
        raise ConfigurationError(f"{name} is {value!r}; it must be a whole number.")
    return int(value)


def _flag(environ: Mapping[str, str], name: str, default: bool) -> bool:
    value = environ.get(name, "")
    return value.strip().lower() in TRUE_WORDS if value else default


def _demo(environ: Mapping[str, str], production: bool) -> str:
    """The preset of the demo community, "" for none."""
    value = (environ.get("DEMO") or ("0" if production else "1")).strip().lower()
    if value in FALSE_WORDS:
        return ""
    if value in TRUE_WORDS:
        return DEMOS[-1]
    if value not in DEMOS:
        raise ConfigurationError(f"DEMO is {value!r}; it must be 0, 1 or one of {', '.join(DEMOS)}.")
    return value


def _choice(environ: Mapping[str, str], name: str, default: str, allowed: set[str]) -> str:
    value = environ.get(name) or default
    if value not in allowed:
        raise ConfigurationError(f"{name} is {value!r}; it must be one of {', '.join(sorted(allowed))}.")
    return value
