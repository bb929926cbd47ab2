"""Addresses of members: one shape for storing, one for comparing."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from app.core.errors import DomainError
from app.core.text import fold

LONGEST = 254


def normal(text: str) -> str:
    """`text` as an address is stored, its domain in ASCII (IDNA 2008): mail goes to the very domain that `key` names.

    Raises DomainError (field "email") when mail cannot go there.
    """
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise DomainError(_("This is not an e-mail address. It looks like name@example.org."), "email") from error
    return checked.ascii_email or checked.normalized


def require_at(allowed: str, address: str) -> None:
    """Raises DomainError (field "email") for an address at another domain than the `allowed` ones ("": any)."""
    if allowed and key(address).rpartition("@")[2] not in allowed.split():
        named = ", ".join(allowed.split())
        raise DomainError(_("Here one joins with an address at %(domains)s.", domains=named), "email")


def key(address: str) -> str:
    """What two spellings of one address have in common; any text has a key, so that a search can be for anything."""
    try:
        checked = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return fold(address)[:LONGEST]
    return fold(checked.ascii_email or checked.normalized)
