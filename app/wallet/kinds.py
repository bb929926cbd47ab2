"""What wallets and transfers are for, in the words of the table and in the reader's."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

MEMBER, ESCROW, ORGANISATION, FEE = "member", "escrow", "organisation", "fee"
API_KEY, API_KEY_RESERVED, WITHDRAWAL_PENDING = "api_key", "api_key_reserved", "withdrawal_pending"
MINT, ISSUE = "mint", "issue"
WALLET_KINDS = (
    MEMBER, ESCROW, API_KEY, API_KEY_RESERVED, WITHDRAWAL_PENDING, ORGANISATION, FEE, MINT, ISSUE,
)  # fmt: skip
# They stand for the world outside: what they owe is what everybody else has, so nothing holds them up.
WITHOUT_FLOOR = frozenset({MINT, ISSUE})

TRANSFER, GIFT, EXCHANGE, HOLD, RELEASE, REFUND = "transfer", "gift", "exchange", "hold", "release", "refund"
DEPOSIT, WITHDRAWAL, USAGE, SPLIT = "deposit", "withdrawal", "usage", "split"
GRANT, OPENING, REVERSAL, ADJUSTMENT = "grant", "opening", "reversal", "adjustment"
TRANSFER_LABELS: dict[str, Any] = {
    DEPOSIT: _l("Paid in"),
    WITHDRAWAL: _l("Paid out"),
    USAGE: _l("Usage"),
    TRANSFER: _l("Transfer"),
    GIFT: _l("Gift"),
    EXCHANGE: _l("Exchange"),
    HOLD: _l("Set aside"),
    RELEASE: _l("Passed on"),
    REFUND: _l("Given back"),
    FEE: _l("Fee"),
    SPLIT: _l("Divided"),
    GRANT: _l("Starting balance"),
    OPENING: _l("Brought along"),
    REVERSAL: _l("Taken back"),
    ADJUSTMENT: _l("Correction"),
}
TRANSFER_KINDS = tuple(TRANSFER_LABELS)


def floor_of(kind: str) -> int | None:
    """How low a new wallet of this kind may fall when nobody says otherwise; None is without end."""
    return None if kind in WITHOUT_FLOOR else 0
