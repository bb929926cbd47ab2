"""Passwords: hashed with scrypt, never cut or composed by rule, refused when they are easy to guess.

Hashing takes about a tenth of a second of a processor: call it before the first statement of a transaction.
"""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.security import check_password_hash, generate_password_hash
from zxcvbn import zxcvbn

from app.accounts.threads import aside
from app.core.errors import DomainError
from app.core.text import has_forbidden, normalized

SHORTEST, LONGEST = 8, 200
# zxcvbn's time grows faster than the length; what is hard to guess shows in the beginning.
JUDGED = 28
WEAKEST_SCORE = 2
# The hash of nobody's password, checked where there is no account, so that both answers take the same time.
NOBODYS = (
    "scrypt:32768:8:1$26MKytTxXvYXV52r$1165864cab4627ef497bbfd0c026f506f608c89317253ed42de5e2fd987d9984"
    "417bf21412ee017dd16a0915cbead921faa730a42c45579eb976add285513dc6"
)


def require_good(password: str, *known: str, field: str = "password") -> None:
    """Raises DomainError at `field` for a password that is too short, too long or easy to guess.

    `known` is what an attacker tries first: the member's name and address. Judging costs time: count the try before.
    """
    require_typeable(password, field)
    guesses = [word for text in known for word in (text, *text.replace("@", " ").replace(".", " ").split()) if word]
    if aside(_score, password[:JUDGED], guesses) < WEAKEST_SCORE:
        raise DomainError(
            _("This one is among the first that somebody would guess. Try three or four words that you can remember."),
            field,
        )


def require_typeable(password: str, field: str = "password") -> None:
    """The part of `require_good` that costs nothing, for forms: length and characters."""
    if has_forbidden(password):
        raise DomainError(_("There is a character in it that a keyboard cannot type again."), field)
    if len(password) < SHORTEST:
        raise DomainError(_("At least %(min)d characters, please. Three or four words are fine.", min=SHORTEST), field)
    if len(password) > LONGEST:
        raise DomainError(_("At most %(max)d characters, please.", max=LONGEST), field)


def hashed(password: str) -> str:
    return aside(generate_password_hash, _normal(password))


def matches(password_hash: str, password: str) -> bool:
    """Whether `password` is the one behind `password_hash`; an empty hash costs as much time and is always wrong."""
    right = aside(check_password_hash, password_hash or NOBODYS, _normal(password[:LONGEST]))
    return right and bool(password_hash)


def _normal(password: str) -> str:
    """The same keys give the same password on every device (NIST SP 800-63B, section 3.1.1.2)."""
    return normalized("NFKC", password)


def _score(password: str, guesses: list[str]) -> int:
    score: int = zxcvbn(password, guesses)["score"]
    return score
