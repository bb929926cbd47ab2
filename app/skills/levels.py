"""How well and how much, in words: the only names of the levels 1 to 5 and of the priorities 1 to 3."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

LEVELS: dict[int, Any] = {1: _l("Beginner"), 2: _l("Basics"), 3: _l("Intermediate"), 4: _l("Advanced"), 5: _l("Expert")}
PRIORITIES: dict[int, Any] = {1: _l("Nice to have"), 2: _l("Matters to me"), 3: _l("Matters most")}
# What is assumed of somebody who only ticks a skill.
USUAL_LEVEL = {"offer": 3, "want": 1}
USUAL_PRIORITY = 2
