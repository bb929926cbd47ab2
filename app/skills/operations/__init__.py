"""What changes the catalogue and the members' lists. Nothing here commits."""

from app.skills.operations.catalogue import CatalogueRow, Imported, ensure_catalogue, import_catalogue, read_catalogue
from app.skills.operations.entries import (
    AT_MOST,
    Details,
    add,
    add_several,
    change,
    forget_member,
    pause,
    remove,
    require_choosable,
    resume,
)
from app.skills.operations.merging import accept, find, merge
from app.skills.operations.proposing import name_problem, propose, resolve

__all__ = [
    "AT_MOST",
    "CatalogueRow",
    "Details",
    "Imported",
    "accept",
    "add",
    "add_several",
    "change",
    "ensure_catalogue",
    "find",
    "forget_member",
    "import_catalogue",
    "merge",
    "name_problem",
    "pause",
    "propose",
    "read_catalogue",
    "remove",
    "require_choosable",
    "resolve",
    "resume",
]
