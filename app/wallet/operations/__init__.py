"""What moves in the ledger, all of it through `post`. Nothing here commits or looks at a request."""

from app.wallet.operations.checking import check_books
from app.wallet.operations.correcting import REVERSIBLE, passed_on, take_back
from app.wallet.operations.giving import Gift, Gone, Plan, Purse, give, plan, purses_of, receiver_for
from app.wallet.operations.leaving import forget_member
from app.wallet.operations.moving import hold, refund, release, reverse, transfer
from app.wallet.operations.posting import FloorBroken, Leg, Posted, post
from app.wallet.operations.returning import give_back
from app.wallet.operations.rules import (
    Rules,
    change_rules,
    remove_personal_limit,
    rules,
    set_personal_limit,
    welcome,
    welcomed_twice,
)
from app.wallet.operations.sharing import change, close, found, name_member, pot_wallet, remove_member, reopen
from app.wallet.operations.wallets import lock, member_wallet, set_floor, wallet_for

__all__ = [
    "REVERSIBLE",
    "FloorBroken",
    "Gift",
    "Gone",
    "Leg",
    "Plan",
    "Posted",
    "Purse",
    "Rules",
    "change",
    "change_rules",
    "check_books",
    "close",
    "forget_member",
    "found",
    "give",
    "give_back",
    "hold",
    "lock",
    "member_wallet",
    "name_member",
    "passed_on",
    "plan",
    "post",
    "pot_wallet",
    "purses_of",
    "receiver_for",
    "refund",
    "release",
    "remove_member",
    "remove_personal_limit",
    "reopen",
    "reverse",
    "rules",
    "set_floor",
    "set_personal_limit",
    "take_back",
    "transfer",
    "wallet_for",
    "welcome",
    "welcomed_twice",
]
