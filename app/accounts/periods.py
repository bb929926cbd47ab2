"""How long things of accounts last."""

from __future__ import annotations

from datetime import timedelta

# From closing an account until it is emptied.
GRACE = timedelta(days=14)
# How long a sign-up waits for its address to be confirmed.
UNCONFIRMED = timedelta(days=14)
# Ended sessions are kept so long for the member's questions about them.
KEEP_ENDED_SESSIONS = timedelta(days=30)
# An administrator's session ends after this, however busy.
ADMIN_LIFETIME = timedelta(days=14)
# Addresses of people who never came are not kept for ever.
KEEP_INVITATIONS = timedelta(days=90)
# For so long, two members who were made one can be taken apart again.
TAKE_APART = timedelta(days=30)
