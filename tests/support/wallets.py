"""Hours for the pages and the access matrix: a year of Alice's, and an organisation that she acts for."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.core.clock import now, pretending
from app.core.db import db
from app.core.money import TIME
from app.wallet import kinds, operations, owners
from app.wallet.models import Posting
from app.wallet.operations import Gift, Rules
from app.wallet.operations.posting import post
from tests.world import World

RULES = Rules(starting_minutes=300, credit_limit=600)
# Days ago, minutes that came in (or, below zero, went out), what for.
YEAR = (
    (300, 300, ""),
    (260, -120, "Spanish, first conversation"),
    (210, 90, "Loops and lists"),
    (150, -300, "Garden shed"),
    (120, -90, "Accordion repair"),
    (75, 180, "Sourdough for six"),
    (40, 60, "Loops again"),
    (12, -45, "Ride to the station"),
)


def add_wallets(ids: World) -> dict[str, int | str]:
    """{transfer} of Alice's to Bob, {organisation} that Alice acts for. The caller commits."""
    operations.change_rules(RULES, ids.admin)
    alice, bob = operations.member_wallet(ids.alice), operations.member_wallet(ids.bob)
    if not db.session.scalar(select(Posting.transfer_id).where(Posting.wallet_id == alice).limit(1)):
        _live_a_year(alice, bob)
    organisation = operations.found("Toy Library", "Toys to borrow, on Wednesday afternoons.", ids.admin)
    operations.name_member(organisation, ids.alice, ids.admin)
    given = Gift(90, "Wooden railway, mended", to_organisation_id=organisation.id)
    operations.give(Giver(ids.bob), given, "toys-0123456789ab")
    theirs = select(Posting.transfer_id).where(Posting.wallet_id == bob)
    both = select(Posting.transfer_id).where(Posting.wallet_id == alice, Posting.transfer_id.in_(theirs))
    latest = db.session.scalars(both.order_by(Posting.wallet_version.desc())).first()
    return {"transfer": latest or 0, "organisation": organisation.id}


def _live_a_year(alice: int, bob: int) -> None:
    issue = operations.wallet_for(kinds.ISSUE, owners.COMMUNITY, TIME)
    for days, minutes, text in YEAR:
        other, kind = (bob, kinds.GIFT) if text else (issue, kinds.GRANT)
        legs = [(alice, minutes), (other, -minutes)]
        with pretending(now() - timedelta(days=days)):
            post(legs, kind=kind, text=text, scope="world", key=str(days))


class Giver:
    """A member, as operations ask for one."""

    def __init__(self, user_id: int) -> None:
        self.id = user_id
