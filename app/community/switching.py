"""Switching features on and off. What is in use stays on: whoever relies on it would lose sight of it."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import Boolean, ColumnElement, func

from app.community.models import CommunitySettings
from app.community.operations import locked
from app.community.presets import PRESETS, is_on
from app.core.errors import Conflict, DomainError
from app.core.registry import InUse, registry


class FeatureInUse(Conflict):
    """Something is still open in features that were to be switched off: `found`, by the feature's label."""

    def __init__(self, found: dict[str, list[InUse]]) -> None:
        super().__init__(_("This is still in use and was not switched off: %(names)s.", names=", ".join(found)))
        self.found = found


def is_switched_on(feature: str) -> ColumnElement[bool]:
    """As presets.is_on, for a statement that holds the community's settings."""
    without = [preset.key for preset in PRESETS.values() if feature not in preset.features]
    decided = CommunitySettings.switches[feature].as_boolean()
    return func.coalesce(decided, CommunitySettings.preset.not_in(without), type_=Boolean())


def decide(wanted: Mapping[str, bool]) -> None:
    """Switches the features named in `wanted`. Raises FeatureInUse, and then nothing is switched."""
    row = locked()
    known = {key: bool(on) for key, on in wanted.items() if key in registry().switches}
    _refuse_in_use(row.preset, row.switches, row.preset, {**row.switches, **known})
    row.switches = {**row.switches, **known}


def choose_preset(key: str) -> None:
    """Everything is switched as the preset has it; what was decided before is forgotten. Raises FeatureInUse."""
    if key not in PRESETS:
        raise DomainError(_("Please choose one."), "preset")
    row = locked()
    _refuse_in_use(row.preset, row.switches, key, {})
    row.preset = key
    row.switches = dict[str, bool]()


def _refuse_in_use(
    preset: str, decided: Mapping[str, bool], next_preset: str, next_decided: Mapping[str, bool]
) -> None:
    found = {
        str(switch.label): open_things
        for key, switch in registry().switches.items()
        if is_on(key, preset, decided) and not is_on(key, next_preset, next_decided)
        if (open_things := switch.in_use())
    }
    if found:
        raise FeatureInUse(found)
