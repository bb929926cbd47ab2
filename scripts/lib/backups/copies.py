"""A good backup goes to another machine, and somebody elsewhere hears that it was made.

Keys are given to the programs by the environment. Copies are never deleted from here: whoever breaks into this
machine, or a mistake in its settings, must not reach them; the other side decides how long it keeps them.
"""

from __future__ import annotations

import hashlib
import shutil
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from config import Config
from scripts.lib.backups.place import PARTIAL, sync
from scripts.lib.backups.programs import is_installed, run
from scripts.lib.backups.refusal import Refusal

PING_SECONDS = 20


def copy(settings: Config, file: Path) -> list[str]:
    """Copies `file` to every place that is set; where to. Raises Refusal."""
    places: list[str] = []
    if settings.backup_copy_to:
        _to_folder(settings.backup_copy_to, file)
        places.append(settings.backup_copy_to)
    if settings.backup_s3_bucket:
        _to_s3(settings, file)
        places.append(f"s3://{settings.backup_s3_bucket}")
    return places


def ping(address: str) -> str:
    """Calls the address; what went wrong, "" if nothing. The address itself is a secret and is not repeated."""
    request = urllib.request.Request(address, headers={"User-Agent": "Guildhall"})  # noqa: S310 config.py checks it
    try:
        with urllib.request.urlopen(request, timeout=PING_SECONDS):  # noqa: S310
            return ""
    except (OSError, ValueError) as error:
        reason = error.code if isinstance(error, urllib.error.HTTPError) else type(error).__name__
        return f"BACKUP_PING_URL at {urlsplit(address).hostname} did not answer well ({reason})"


def _to_folder(target: str, file: Path) -> None:
    """A folder of this machine, usually another disk; with a colon before the first slash one of another machine."""
    if ":" in target.partition("/")[0]:
        _by_rsync(target, file)
        return
    folder = Path(target)
    if not folder.is_dir():
        raise Refusal(f"BACKUP_COPY_TO: there is no folder {folder}; is its disk mounted?")
    for left in folder.glob(f"{PARTIAL}backup_*"):
        left.unlink(missing_ok=True)
    part = folder / f"{PARTIAL}{file.name}"
    try:
        shutil.copyfile(file, part)
        sync(part)
        if _digest(part) != _digest(file):
            raise Refusal(f"BACKUP_COPY_TO: the copy in {folder} differs from the backup.")
        part.replace(folder / file.name)
    finally:
        part.unlink(missing_ok=True)
    sync(folder)


def _by_rsync(target: str, file: Path) -> None:
    if not is_installed("rsync"):
        raise Refusal(
            "BACKUP_COPY_TO names another machine, and rsync is not installed (Debian: apt-get install rsync)."
        )
    # A cron job cannot type a password. A daemon of rsync's own is reached without ssh.
    shell = [] if "::" in target or target.startswith("rsync:") else ["--rsh=ssh -o BatchMode=yes"]
    # rsync itself writes under another name first.
    run(["rsync", "--times", "--chmod=F600", *shell, "--", str(file), f"{target.rstrip('/')}/"])


def _to_s3(settings: Config, file: Path) -> None:
    if is_installed("aws"):
        _by_aws(settings, file)
    elif is_installed("rclone"):
        _by_rclone(settings, file)
    else:
        raise Refusal(
            "BACKUP_S3_BUCKET is set, and neither aws nor rclone is installed (Debian: apt-get install rclone)."
        )


def _by_aws(settings: Config, file: Path) -> None:
    environ = {
        "AWS_ACCESS_KEY_ID": settings.backup_s3_access_key,
        "AWS_SECRET_ACCESS_KEY": settings.backup_s3_secret_key,
        "AWS_DEFAULT_REGION": settings.backup_s3_region,
    }
    endpoint = ["--endpoint-url", settings.backup_s3_endpoint] if settings.backup_s3_endpoint else []
    target = f"s3://{settings.backup_s3_bucket}/{file.name}"
    run(["aws", "s3", "cp", "--only-show-errors", *endpoint, str(file), target], _given(environ))


def _by_rclone(settings: Config, file: Path) -> None:
    """The remote "guildhall" exists in the environment only; a check for the bucket would need more rights."""
    environ = {
        "TYPE": "s3",
        "PROVIDER": "Other" if settings.backup_s3_endpoint else "AWS",
        "ENDPOINT": settings.backup_s3_endpoint,
        "REGION": settings.backup_s3_region,
        "ACCESS_KEY_ID": settings.backup_s3_access_key,
        "SECRET_ACCESS_KEY": settings.backup_s3_secret_key,
        "ENV_AUTH": "" if settings.backup_s3_access_key else "true",
        "NO_CHECK_BUCKET": "true",
    }
    named = {f"RCLONE_CONFIG_GUILDHALL_{name}": value for name, value in environ.items()}
    run(["rclone", "copyto", str(file), f"guildhall:{settings.backup_s3_bucket}/{file.name}"], _given(named))


def _given(environ: dict[str, str]) -> dict[str, str]:
    """What is not set is left to what the program finds by itself: its own file, or the machine's role."""
    return {name: value for name, value in environ.items() if value}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
