"""scripts/restore.sh: puts a backup in place of what is there, wholly or not at all, and takes that back again.

Everything that can fail is done beside the live site first: reading, loading, upgrading, auditing. Then files are
added to the uploads, which changes nothing for the present database, and one step switches the database.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from app.core.backups import MOMENT
from scripts.lib.backups import archive, place, site, trying, uploads
from scripts.lib.backups.databases import BEFORE, KEEPING, RESTORING
from scripts.lib.backups.refusal import Refusal, ending_well
from scripts.lib.backups.site import Site


def main() -> int:
    options = _read()
    ours = site.of_this_checkout()
    refuse_stranger(ours)
    with place.alone(ours.backups, "restore"), place.alone(ours.backups, "backup"):
        clear(ours)
        if options.undo:
            undo(ours, options.yes)
        elif options.forget:
            forget(ours, options.yes)
        else:
            restore(ours, place.find(ours.backups, options.file), options)
    return 0


def restore(ours: Site, file: Path, options: argparse.Namespace) -> None:
    """Raises Refusal, and the site is as it was."""
    ours.database.refuse_if_used()
    moment = _free_moment(ours)
    try:
        _restore(ours, file, moment, options)
    finally:
        clear(ours)
    print("Restored. Start the site again.")
    if moment in ours.database.moments(BEFORE):
        print(f"What was there before is kept as …{BEFORE}_{moment}.")
        print("  To take the restore back:   scripts/restore.sh --undo")
        print("  To delete what is kept:     scripts/restore.sh --forget")


def _restore(ours: Site, file: Path, moment: str, options: argparse.Namespace) -> None:
    print(f"Reading {file} …")
    new = uploads.beside(ours.uploads, RESTORING, moment)
    manifest = archive.read(file, new)
    trying.refuse_other_kind(ours, file, manifest)
    site.refuse_newer(manifest.revision)
    _ask(
        f"What is in {ours.database.shown} and {ours.uploads} is put aside and replaced by the backup\n"
        f"of {manifest.made_at}: {manifest.row_count:,} rows, {len(manifest.members) - 1:,} uploads.",
        options.yes,
    )
    trying.load(ours, new / manifest.dump, manifest, RESTORING, moment, audited=not options.unaudited)
    switch(ours, RESTORING, moment, new / archive.UPLOADS, moment)


def undo(ours: Site, yes: bool) -> None:
    """What was there before the last restore is live again, and what is live now is kept in its turn."""
    ours.database.refuse_if_used()
    kept = ours.database.moments(BEFORE)
    if not kept:
        raise Refusal("Nothing is kept from before a restore.")
    last, aside = kept[-1], _free_moment(ours)
    _ask(f"What is live now is put aside; what was live before {_shown(last)} takes its place.", yes)
    try:
        switch(ours, BEFORE, last, uploads.beside(ours.uploads, BEFORE, last), aside)
    finally:
        clear(ours)
    print("Taken back. Start the site again. To change over once more: scripts/restore.sh --undo")


def forget(ours: Site, yes: bool) -> None:
    kept = ours.database.moments(BEFORE)
    if not kept:
        raise Refusal("Nothing is kept from before a restore.")
    _ask(f"What is kept from before {' and '.join(_shown(moment) for moment in kept)} is deleted for good.", yes)
    for moment in kept:
        ours.database.drop(BEFORE, moment)
    clear(ours)
    print("Deleted.")


def switch(ours: Site, purpose: str, moment: str, new_uploads: Path, aside: str) -> None:
    """The database's own step is the only moment that counts: killed before it, all is as it was; after it, done."""
    new_uploads.mkdir(parents=True, exist_ok=True)
    ours.uploads.mkdir(parents=True, exist_ok=True)
    has_old = ours.database.exists()
    if has_old:
        uploads.keep(ours.uploads, uploads.beside(ours.uploads, BEFORE, aside))
    uploads.add(new_uploads, ours.uploads)
    ours.database.switch(purpose, moment, aside)
    if has_old:
        uploads.remove_others(new_uploads, ours.uploads)
    else:
        ours.database.drop(BEFORE, aside)


def clear(ours: Site) -> None:
    """What an interrupted restore has left beside the site, and kept uploads whose database is not kept."""
    for purpose in (RESTORING, KEEPING):
        for moment in ours.database.moments(purpose):
            ours.database.drop(purpose, moment)
    uploads.delete_halves(ours.uploads)
    kept = ours.database.moments(BEFORE)
    for purpose in (RESTORING, BEFORE):
        for moment in uploads.moments(ours.uploads, purpose):
            if purpose == RESTORING or moment not in kept:
                uploads.delete(uploads.beside(ours.uploads, purpose, moment))


def refuse_stranger(ours: Site) -> None:
    """Files that root makes could not be read by the site."""
    folder = ours.uploads if ours.uploads.exists() else ours.uploads.parent
    if os.geteuid() == 0 and folder.exists() and folder.stat().st_uid != 0:
        raise Refusal(f"{folder} belongs to {folder.owner()}; restore as that user: sudo -u {folder.owner()} …")


def _ask(what: str, yes: bool) -> None:
    print(what)
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refusal("Nobody is here to be asked; --yes goes on without asking.")
    if input("Type yes to go on: ").strip().lower() != "yes":
        raise Refusal("Nothing was changed.")


def _free_moment(ours: Site) -> str:
    """By which nothing is kept yet; names count seconds."""
    while (moment := datetime.now(UTC).strftime(MOMENT)) in ours.database.moments(BEFORE):
        time.sleep(0.1)
    return moment


def _shown(moment: str) -> str:
    return f"{datetime.strptime(moment, MOMENT).replace(tzinfo=UTC):%Y-%m-%d %H:%M:%S} UTC"


def _read() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/restore.sh", description="Puts a backup in place of what is there; docs/backup.md has more."
    )
    parser.add_argument("file", nargs="?", default="latest", help="a backup's name or path, or: latest (the default)")
    parser.add_argument("--yes", action="store_true", help="goes on without asking")
    parser.add_argument("--unaudited", action="store_true", help="also if the books in the backup do not balance")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--undo", action="store_true", help="takes the last restore back")
    what.add_argument("--forget", action="store_true", help="deletes what is kept from before restores")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(ending_well(main))
