"""What a community is: each preset says which features are on unless somebody decided otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

POSTS, MATCHES, HOURS, HIRING, TASKS, RESEARCH, API = "posts", "matches", "hours", "hiring", "tasks", "research", "api"
FEATURES = frozenset({POSTS, MATCHES, HOURS, HIRING, TASKS, RESEARCH, API})
EVERYTHING = "everything"


@dataclass(frozen=True)
class Preset:
    key: str
    label: Any
    text: Any
    icon: str
    features: frozenset[str]


PRESETS = {
    preset.key: preset
    for preset in (
        Preset(
            "time-bank",
            _l("Time bank"),
            _l("Neighbours help each other and keep count in hours."),
            "hourglass",
            frozenset({POSTS, MATCHES, HOURS}),
        ),
        Preset(
            "skill-swap",
            _l("Skill swap"),
            _l("People teach each other what they know, without counting."),
            "arrows-exchange",
            frozenset({POSTS, MATCHES}),
        ),
        Preset(
            "collective",
            _l("Collective"),
            _l("Professionals find each other, take on projects and share the tasks."),
            "users-group",
            frozenset({POSTS, MATCHES, HIRING, TASKS}),
        ),
        Preset(
            "research",
            _l("Research team"),
            _l("A team finds experts, interviews them and keeps track of it."),
            "search",
            frozenset({RESEARCH, TASKS}),
        ),
        Preset(
            EVERYTHING,
            _l("Everything"),
            _l("All that Guildhall can do; switch off later what you do not need."),
            "sparkles",
            FEATURES,
        ),
    )
}


def is_on(feature: str, preset: str, decided: Mapping[str, bool]) -> bool:
    """What was `decided` about the feature, otherwise what the preset says; an unknown preset has everything."""
    known = PRESETS.get(preset, PRESETS[EVERYTHING])
    return decided.get(feature, feature in known.features)
