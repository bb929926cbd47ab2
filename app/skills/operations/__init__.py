"""What changes the catalogue and the members' lists. Nothing here commits."""

from app.skills.operations.catalogue import CatalogueRow, Imported, ensure_catalogue, import_catalogue, read_catalogue
from app.skills.operations.doubles import MERGER
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
from app.skills.operations.moderating import (
    DECIDED,
    add_alias,
    decided_context,
    decline,
    list_proposed,
    merge_into,
    recategorise,
    remove_alias,
    rename,
)
from app.skills.operations.naming import speak
from app.skills.operations.proposing import name_problem, propose, propose_several, resolve

__all__ = [
    "AT_MOST",
    "DECIDED",
    "MERGER",
    "CatalogueRow",
    "Details",
    "Imported",
    "accept",
    "add",
    "add_alias",
    "add_several",
    "change",
    "decided_context",
    "decline",
    "ensure_catalogue",
    "find",
    "forget_member",
    "import_catalogue",
    "list_proposed",
    "merge",
    "merge_into",
    "name_problem",
    "pause",
    "propose",
    "propose_several",
    "read_catalogue",
    "recategorise",
    "remove",
    "remove_alias",
    "rename",
    "require_choosable",
    "resolve",
    "resume",
    "speak",
]
