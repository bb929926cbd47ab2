"""Features that coordinators switch on and off: what is off has no addresses and no place in the navigation.

The data of a feature stays where it is. What is on is known with the reader, so asking costs no statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Flask, abort, current_app, request

from app.core.registry import registry


class Deciding(Protocol):
    """The community, as far as it is asked here."""

    def is_on(self, feature: str) -> bool: ...


def init_app(app: Flask, community: Callable[[], Deciding]) -> None:
    """`community()` is asked after the reader is known."""
    app.extensions["guildhall.switches"] = community
    app.before_request(_hide_what_is_off)
    names: dict[str, Any] = {"is_on": is_on}
    app.jinja_env.globals.update(names)


def is_on(feature: str) -> bool:
    """Whether `feature` is switched on; what has no switch always is."""
    community: Callable[[], Deciding] = current_app.extensions["guildhall.switches"]
    return feature not in registry().switches or community().is_on(feature)


def leads_somewhere(endpoint: str) -> bool:
    """Whether the address of `endpoint` belongs to nothing that is switched off."""
    return is_on(_feature_of(endpoint))


def _feature_of(endpoint: str) -> str:
    blueprint = endpoint.rpartition(".")[0]
    for switch in registry().switches.values():
        if endpoint in switch.endpoints or blueprint in switch.blueprints:
            return switch.key
    return ""


def _hide_what_is_off() -> None:
    if request.endpoint is not None and not leads_somewhere(request.endpoint):
        abort(404)
