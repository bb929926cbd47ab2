"""The hours of an exchange: set aside when it is agreed, passed on for what was done, the rest given back.

What a member gives and gets within one exchange is set off against each other, so a swap of equal hours moves nothing.
"""

from __future__ import annotations

from flask_babel import gettext as _

from app.community import presets
from app.community.operations import settings
from app.core.errors import DomainError
from app.core.money import format_amount
from app.exchange.operations.rows import Rows, name_of
from app.exchange.terms import owed
from app.wallet import operations as wallet

SCOPE = "exchange"


def are_counted() -> bool:
    """Whether this community counts hours at all; also asked outside of requests."""
    community = settings()
    return presets.is_on(presets.HOURS, community.preset, community.switches)


def set_aside(rows: Rows, actor_id: int) -> None:
    """Raises DomainError, in words for `actor_id`, when somebody has not enough."""
    if not are_counted():
        return
    balance = owed(rows.exchange.kind, ((leg, leg.minutes) for leg in rows.legs))
    owing = {user_id: minutes for user_id, minutes in sorted(balance.items()) if minutes > 0}
    wallet.lock([wallet.member_wallet(user_id) for user_id in owing])
    for user_id, minutes in owing.items():
        try:
            wallet.hold(
                wallet.member_wallet(user_id),
                escrow_of(rows),
                minutes,
                key=f"{rows.exchange.id}:hold:{user_id}",
                actor_id=actor_id,
                **_reason(rows),
            )
        except wallet.FloorBroken as error:
            raise DomainError(_too_little(user_id, minutes, actor_id)) from error
        rows.side_of(user_id).held = minutes


def pay_out(rows: Rows, actor_id: int | None) -> None:
    """For the minutes that were done, at most what was set aside; then gives back the rest. Once, however often."""
    kept = {side.user_id: side.held for side in rows.sides if side.held}
    balance = owed(rows.exchange.kind, ((leg, leg.minutes_done or 0) for leg in rows.legs))
    wallet.lock([wallet.member_wallet(side.user_id) for side in rows.sides] if kept else [])
    used = {user_id: min(held, max(0, balance[user_id])) for user_id, held in kept.items()}
    left = sum(used.values())
    for user_id, minutes in sorted(balance.items()):
        share = min(left, -minutes)
        if share > 0:
            key = f"{rows.exchange.id}:release:{user_id}"
            to_id = wallet.member_wallet(user_id)
            wallet.release(escrow_of(rows), to_id, share, key=key, actor_id=actor_id, **_reason(rows))
            left -= share
    give_back(rows, actor_id, used)


def give_back(rows: Rows, actor_id: int | None, used: dict[int, int] | None = None) -> None:
    """What was set aside and not `used` (minutes by member) goes back to whom it came from."""
    for side in rows.sides:
        rest = side.held - (used or {}).get(side.user_id, 0)
        if rest > 0:
            key = f"{rows.exchange.id}:refund:{side.user_id}"
            to_id = wallet.member_wallet(side.user_id)
            wallet.refund(escrow_of(rows), to_id, rest, key=key, actor_id=actor_id, **_reason(rows))
        side.held = 0


def escrow_of(rows: Rows) -> str:
    return f"exchange:{rows.exchange.id}"


def _reason(rows: Rows) -> dict[str, str]:
    return {"text": ", ".join(rows.about), "url": f"/exchanges/{rows.exchange.id}", "scope": SCOPE}


def _too_little(user_id: int, minutes: int, actor_id: int) -> str:
    amount = format_amount(minutes)
    if user_id == actor_id:
        return _(
            "You do not have %(amount)s left for it: propose it differently, or help somebody first.", amount=amount
        )
    name = name_of(user_id)
    return _("%(name)s does not have %(amount)s at the moment: propose it differently.", name=name, amount=amount)
