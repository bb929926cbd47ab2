"""How people come in: who has agreed to the terms, invitations under way, and somebody who would like one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from app.accounts.invitations import InvitationRequest, TermsAcceptance
from app.accounts.models import User
from app.accounts.operations.inviting import Link, make_link
from app.accounts.operations.inviting import invite as invite_by_mail
from app.community import terms
from app.core.clock import now
from app.core.db import db

INVITED = "june.harper@example.org"
WISHING = "tobias.lang@example.org"


def agree_all(users: Sequence[User]) -> None:
    """Everybody has read the terms, so that nobody who tries the demo is stopped by them."""
    version = db.session.scalars(terms.newest()).one()
    db.session.add_all(TermsAcceptance(user_id=user.id, terms_version_id=version.id) for user in users)


def invite(ids: Mapping[str, int]) -> None:
    """A link that some have used, one that has run out, a mail on its way, and a wish."""
    poster = make_link(ids["mod"], Link("Poster in the library", max_uses=40, days=60))
    poster.uses = 7
    fair = make_link(ids["admin"], Link("Autumn fair", max_uses=25, days=1))
    fair.uses, fair.created_at, fair.expires_at = 19, now() - timedelta(days=50), now() - timedelta(days=20)
    invite_by_mail(ids["mod"], INVITED, "We met at the bus stop, and you spoke of your roses. Come and look!", days=14)
    wish = InvitationRequest(name="Tobias Lang", email=WISHING, email_key=WISHING)
    wish.note = "Aino from the pottery told me about you."
    db.session.add(wish)
