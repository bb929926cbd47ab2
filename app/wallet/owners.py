"""Whose a wallet is, in the words of its column `owner`."""

from __future__ import annotations

COMMUNITY = "community"
USER, ORGANISATION = "user:", "organisation:"


def of_user(user_id: int) -> str:
    return f"{USER}{user_id}"


def of_organisation(organisation_id: int) -> str:
    return f"{ORGANISATION}{organisation_id}"


def user_of(owner: str) -> int | None:
    """The member's id; None where the owner is no member."""
    return int(owner.removeprefix(USER)) if owner.startswith(USER) else None
