"""What the tests of faults share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.support.databases import Database
from tests.support.operating import Site, new_site
from tests.world import World


@pytest.fixture
def site(
    app: Flask, world: World, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """A site with the world in it, uploads of its own and no backup yet."""
    monkeypatch.setitem(app.config, "UPLOADS", app.config["UPLOADS"])
    made = new_site(database, tmp_path)
    yield made
    made.tidy()
