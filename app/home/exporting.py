"""One's own data to take away: each feature's export as one JSON file, pictures beside it, in a ZIP."""

from __future__ import annotations

import io
import json
import zipfile

from sqlalchemy import select

from app.core import files
from app.core.clock import now
from app.core.db import db
from app.core.models import StoredFile
from app.core.registry import registry


def archive_of(user_id: int) -> io.BytesIO:
    """A ZIP with `<feature>.json` for each feature and the member's own files under `files/`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.json", _json({"made_at": now().isoformat(), "member": user_id}))
        for feature, export in registry().exporters.items():
            archive.writestr(f"{feature}.json", _json(export(user_id)))
        for stored in db.session.scalars(select(StoredFile).where(StoredFile.owner_id == user_id)):
            archive.write(files.path_of(stored.sha256), f"files/{stored.id}-{stored.name}")
    out.seek(0)
    return out


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
