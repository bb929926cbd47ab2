"""Forms that act on what a page showed: `version` says which."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField

from app.core.forms import Form

LONGEST_VERSION = 9


class VersionForm(Form):
    """`prefix_ids` keeps the ids apart where a page holds several forms."""

    version = HiddenField()

    def __init__(self, *args: Any, prefix_ids: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self if prefix_ids else ():
            field.id = f"{prefix_ids}-{field.short_name}"

    @property
    def shown_version(self) -> int:
        """0, which no row has, for anything that is no number."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_VERSION else 0
