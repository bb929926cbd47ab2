"""The mail domains from which people may join: as mail servers write them, a blank between two; none at all: any."""

from __future__ import annotations

import re

from flask_babel import gettext as _

from app.core.errors import DomainError
from app.core.text import fold

LONGEST = 1000
SHAPE = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})")


def normal(text: str) -> str:
    """`text` as it is stored. Raises DomainError (field "allowed_domains") for what is no domain."""
    parts = (part for part in re.split(r"[\s,;]+", text) if part)
    found = list(dict.fromkeys(_ascii(fold(part).lstrip("@").rstrip(".")) for part in parts))
    for domain in found:
        if not SHAPE.fullmatch(domain):
            message = _("“%(domain)s” is not a mail domain. It looks like example.org.", domain=domain[:80])
            raise DomainError(message, "allowed_domains")
    stored = " ".join(found)
    if len(stored) > LONGEST:
        raise DomainError(_("These are too many; about forty fit."), "allowed_domains")
    return stored


def _ascii(domain: str) -> str:
    """What cannot be written in ASCII is left for the check to refuse."""
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain
