"""What moves in the ledger, all of it through `post`. Nothing here commits or looks at a request."""

from app.wallet.operations.moving import hold, refund, release, reverse, transfer
from app.wallet.operations.posting import FloorBroken, Leg, Posted, post
from app.wallet.operations.wallets import lock, member_wallet, set_floor, wallet_for

__all__ = [
    "FloorBroken",
    "Leg",
    "Posted",
    "hold",
    "lock",
    "member_wallet",
    "post",
    "refund",
    "release",
    "reverse",
    "set_floor",
    "transfer",
    "wallet_for",
]
