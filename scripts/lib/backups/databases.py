"""What a backup needs of a database, the same on both.

Databases beside the live one are named for what they are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scripts.lib.backups.refusal import Refusal

# Beside the live database, each with a moment: on its way to replace it, the one that was replaced and that one
# before it is whole, and one that is tried out.
RESTORING, BEFORE, KEEPING, VERIFYING = "restoring", "before", "keeping", "verify"


@dataclass(frozen=True)
class Contents:
    """What was counted in one snapshot: rows by table; `uploads` are the contents that rows of `files` name."""

    revision: str
    rows: dict[str, int]
    uploads: set[str]
    versions: dict[str, str]


class Database(Protocol):
    kind: str
    dump_name: str
    shown: str

    def dump(self, target: Path) -> Contents:
        """Writes the dump and counts what is in it, while the site writes. Raises Refusal."""

    def check(self, dump: Path) -> None:
        """Reads the whole dump. Raises Refusal when it cannot be restored."""

    def exists(self) -> bool:
        """Whether there is a live database with tables."""

    def address_of(self, purpose: str, moment: str) -> str:
        """The address of a database beside the live one."""

    def moments(self, purpose: str) -> list[str]:
        """Of the databases beside the live one, the oldest first."""

    def load(self, dump: Path, purpose: str, moment: str) -> None:
        """Makes a database beside the live one and fills it, wholly or not at all. Raises Refusal."""

    def contents(self, purpose: str, moment: str) -> Contents: ...

    def drop(self, purpose: str, moment: str) -> None: ...

    def refuse_if_used(self) -> None:
        """Raises Refusal while anybody else is connected to the live database."""

    def switch(self, purpose: str, moment: str, aside: str) -> None:
        """The one beside becomes the live one in one step; the live one is kept as BEFORE `aside`."""


def required_revision(found: list[str], shown: str) -> str:
    """The version of the schema; a database without one is not ours, or holds nothing yet."""
    if len(found) != 1:
        raise Refusal(f"{shown} is not a database of Guildhall: it has no version of the schema.")
    return found[0]


def refuse_difference(expected: dict[str, int], counted: dict[str, int]) -> None:
    for table in sorted(expected.keys() | counted.keys()):
        if expected.get(table) != counted.get(table):
            raise Refusal(
                f"The restored database differs: {table} has {counted.get(table, 'no')} rows, "
                f"and had {expected.get(table, 'no')} when the backup was made."
            )
