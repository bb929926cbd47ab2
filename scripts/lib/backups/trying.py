"""Whether a backup can be restored is known by restoring it: into a database of its own, which goes again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from app.core.backups import MOMENT
from scripts.lib.backups import archive, place, site
from scripts.lib.backups.archive import Manifest
from scripts.lib.backups.databases import VERIFYING, refuse_difference
from scripts.lib.backups.refusal import Refusal
from scripts.lib.backups.site import Site

Say = Callable[[str], None]


def out(ours: Site, file: Path, say: Say) -> None:
    """Raises Refusal when the backup would not give back all that was in it."""
    with place.alone(ours.backups, "verify"), place.work_folder(ours.backups, "verify") as work:
        manifest = archive.read(file, work)
        refuse_other_kind(ours, file, manifest)
        moment = datetime.now(UTC).strftime(MOMENT)
        for left in ours.database.moments(VERIFYING):
            ours.database.drop(VERIFYING, left)
        try:
            load(ours, work / manifest.dump, manifest, VERIFYING, moment)
        finally:
            ours.database.drop(VERIFYING, moment)
    uploads = len(manifest.members) - 1
    say(
        f"{file.name} can be restored: {manifest.row_count:,} rows in {len(manifest.rows)} tables, {uploads:,} uploads."
    )


def refuse_other_kind(ours: Site, file: Path, manifest: Manifest) -> None:
    if manifest.database != ours.database.kind:
        raise Refusal(f"{file.name} is of {manifest.database}, and DATABASE_URL leads to {ours.database.kind}.")


def load(ours: Site, dump: Path, manifest: Manifest, purpose: str, moment: str, audited: bool = True) -> None:
    """Makes the database of `purpose`: the rows as they were counted, the tables as this code wants them."""
    site.refuse_newer(manifest.revision)
    ours.database.load(dump, purpose, moment)
    contents = ours.database.contents(purpose, moment)
    refuse_difference(manifest.rows, contents.rows)
    refuse_missing(contents.uploads, manifest)
    address = ours.database.address_of(purpose, moment)
    site.bring_up_to_date(address, manifest.revision)
    if audited:
        site.audit_books(address)


def refuse_missing(named: set[str], manifest: Manifest) -> None:
    """What UPLOADS did not have when the backup was made is no fault of the backup's."""
    held = {PurePosixPath(name).name: member for name, member in manifest.members.items()}
    for sha256 in sorted(named - set(manifest.missing)):
        if sha256 not in held or held[sha256].sha256 != sha256:
            raise Refusal(f"The backup lacks the upload {sha256}, which its database names, or has it damaged.")
