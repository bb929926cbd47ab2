"""What the demo community is called and how it looks, for each preset."""

from __future__ import annotations

from dataclasses import dataclass

from app.community import switching, terms
from app.community.models import APPROVAL, INVITED, OPEN
from app.community.operations import locked
from app.community.presets import EVERYTHING

TERMS = """\
# How we treat each other

1. **Be on time, or say so.** Somebody has kept the hour free for you.
2. **Agree first** on what it is about, where you meet, and who pays for material.
3. **What you hear here stays here.** Addresses and telephone numbers are for members only.
4. **Say no when you mean no.** Nobody has to give a reason.
5. **Something went wrong?** Write to a coordinator; we listen to both sides.

We keep what you tell us for as long as you are a member, and delete it when you close your account.
"""


@dataclass(frozen=True)
class Shown:
    """`colleagues`: people show their trade rather than what they do among neighbours."""

    name: str
    place: str
    colour: str
    joining: str = OPEN
    colleagues: bool = False


COMMUNITIES = {
    "time-bank": Shown("Ottersford Time Bank", "Ottersford on the Sallow", "blue", APPROVAL),
    "skill-swap": Shown("Sallow Skill Swap", "Ottersford and round about", "raspberry"),
    "collective": Shown("Lockside Collective", "The old lock house, Ottersford", "indigo", APPROVAL, colleagues=True),
    "research": Shown("Sallow Field Research", "Ottersford and further out", "purple", INVITED, colleagues=True),
    EVERYTHING: Shown("Ottersford Skills Guild", "Ottersford on the Sallow", "teal"),
}


def is_among_colleagues(preset: str) -> bool:
    return COMMUNITIES[preset].colleagues


def load(preset: str) -> None:
    """Names the community, switches it as the preset has it and publishes terms; the caller commits."""
    shown, row = COMMUNITIES[preset], locked()
    switching.choose_preset(preset)
    row.name, row.place, row.colour, row.joining = shown.name, shown.place, shown.colour, shown.joining
    terms.publish(TERMS, 0)
