"""scripts/backup.sh: makes a backup, lists them, tries one out, prints the lines for cron."""

from __future__ import annotations

import argparse
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.core.backups import moments
from config import ROOT
from scripts.lib.backups import archive, copies, place, site, trying
from scripts.lib.backups.refusal import FAULTS, Refusal, ending_well, explained
from scripts.lib.backups.site import Site


def main() -> int:
    options = _read()
    if options.crontab:
        print(crontab())
        return 0
    ours = site.of_this_checkout()
    if options.list:
        show(ours.backups)
    elif options.verify is not None:
        trying.out(ours, place.find(ours.backups, options.verify), print)
    else:
        make(ours)
    return 0


def make(ours: Site) -> None:
    """Raises Refusal; a backup that could not be copied elsewhere is a good one, and still a fault."""
    with place.alone(ours.backups, "backup"):
        try:
            file = _make(ours)
            place.note(ours.backups, "made", name=file.name, database=ours.mark)
            for name in place.prune(ours.backups, ours.settings.backup_keep, file.name):
                print(f"  deleted, as it is older than {ours.settings.backup_keep.days} days: {name}")
            _send(ours, file)
            place.note_success(ours.backups)
        except FAULTS as error:
            _note_failure(ours.backups, explained(error))
            raise
    if address := ours.settings.backup_ping_url:
        fault = copies.ping(address)
        if fault:
            print(f"backup.sh: the backup is good, but {fault}.", file=sys.stderr)


def _make(ours: Site) -> Path:
    """Nothing gets a final name before it was read back as a whole."""
    name, moment = place.free_name(ours.backups)
    with place.work_folder(ours.backups, "backup") as work:
        dump, written = work / ours.database.dump_name, work / name
        contents = ours.database.dump(dump)
        ours.database.check(dump)
        manifest = archive.Manifest(
            made_at=moment.isoformat(),
            database=ours.database.kind,
            dump=dump.name,
            revision=contents.revision,
            rows=contents.rows,
            versions={**contents.versions, "python": sys.version.split()[0]},
        )
        archive.write(written, dump, ours.uploads, contents.uploads, manifest)
        archive.read(written)
        size = written.stat().st_size
        place.publish(written, ours.backups / name)
    files = len(manifest.members) - 1
    print(f"{ours.backups / name}: {manifest.row_count:,} rows, {files:,} uploads, {in_units(size)}")
    if manifest.missing:
        print(f"backup.sh: UPLOADS lacks {len(manifest.missing)} files that the database names.", file=sys.stderr)
    return ours.backups / name


def _send(ours: Site, file: Path) -> None:
    try:
        for where in copies.copy(ours.settings, file):
            print(f"  copied to {where}")
            place.note(ours.backups, "copied", name=file.name)
    except (Refusal, OSError) as error:
        raise Refusal(f"The backup {file.name} is good, but it was not copied: {explained(error)}") from error


def _note_failure(folder: Path, why: str) -> None:
    try:
        place.note(folder, "failed", why=why)
    except OSError as error:
        print(f"backup.sh: that could not be noted for the site: {explained(error)}", file=sys.stderr)


def show(folder: Path) -> None:
    """The newest first."""
    found = sorted(moments(folder).items(), reverse=True)
    for name, moment in found:
        print(f"{name}  {in_units((folder / name).stat().st_size):>9}  {_age(datetime.now(UTC) - moment)}")
    if not found:
        print(f"There is no backup in {folder} yet.")


def crontab() -> str:
    """Made at 02:00, tried out on Sundays; cron mails what is said on stderr. In a crontab a % ends the line."""
    script = shlex.quote(str(ROOT / "scripts" / "backup.sh")).replace("%", "\\%")
    return f"0 2 * * *  {script} >/dev/null\n30 3 * * 0  {script} --verify >/dev/null"


def in_units(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _age(age: object) -> str:
    return f"{str(age).split('.')[0]} old"


def _read() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/backup.sh", description="Makes a backup; docs/backup.md has more.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="the backups that are there, the newest first")
    what.add_argument(
        "--verify",
        nargs="?",
        const="latest",
        metavar="FILE",
        help="restores one, the latest by default, into a database made for that, and compares",
    )
    what.add_argument("--crontab", action="store_true", help="prints the lines for cron")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(ending_well(main))
