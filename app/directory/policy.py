"""Who may look at the directory at all."""

from __future__ import annotations

from typing import Protocol


class Visitor(Protocol):
    @property
    def is_authenticated(self) -> bool: ...


class Openness(Protocol):
    @property
    def public_directory(self) -> bool: ...


def can_browse(visitor: Visitor, community: Openness) -> bool:
    """Members always; strangers where the community has opened its directory, and then only names and skills."""
    return visitor.is_authenticated or community.public_directory
