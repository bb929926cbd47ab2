"""What members and operators do to accounts, a module for each noun. Nothing here commits or looks at a request."""

from app.accounts.operations.agreeing import agree
from app.accounts.operations.approving import approve, refuse
from app.accounts.operations.blocking import block, unblock
from app.accounts.operations.claiming import claim_account, offer_sign_in, to_claim, withdraw_sign_in
from app.accounts.operations.closing import close, empty, empty_closed, forget_member, reopen
from app.accounts.operations.credentials import (
    LinkGone,
    ask_for_reset,
    authenticate,
    change_password,
    confirm_password,
    reset_password,
    to_reset,
)
from app.accounts.operations.doubles import MERGER
from app.accounts.operations.email_change import (
    ask_for_email_change,
    cancel_email_change,
    confirm_email_change,
    to_confirm,
)
from app.accounts.operations.inviting import Link, invite, make_link, revoke
from app.accounts.operations.joining import Joined, Newcomer, join, send_verification, sign_up, to_verify, verify
from app.accounts.operations.mails import MAIL_CONTEXTS, recipient
from app.accounts.operations.merging import CHOICES, merge_members, purge_merges, take_apart
from app.accounts.operations.merging import forget_member as forget_merges
from app.accounts.operations.offline import Record, add_offline, change_record
from app.accounts.operations.profile import (
    Profile,
    change_locale,
    change_profile,
    remove_picture,
    set_in_print,
    set_paused,
    set_picture,
)
from app.accounts.operations.sessions import (
    end_all_sessions,
    end_other_sessions,
    end_session,
    purge_expired,
    start_session,
)
from app.accounts.operations.staff import (
    add_admin,
    create_admin,
    disable,
    enable,
    erase,
    has_admin,
    make_admin,
    member_of,
    prepare_admin,
)
from app.accounts.operations.week import change_availability, refresh_availability
from app.accounts.operations.wishes import ask_for_invitation, dismiss, grant

__all__ = [
    "CHOICES",
    "MAIL_CONTEXTS",
    "MERGER",
    "Joined",
    "Link",
    "LinkGone",
    "Newcomer",
    "Profile",
    "Record",
    "add_admin",
    "add_offline",
    "agree",
    "approve",
    "ask_for_email_change",
    "ask_for_invitation",
    "ask_for_reset",
    "authenticate",
    "block",
    "cancel_email_change",
    "change_availability",
    "change_locale",
    "change_password",
    "change_profile",
    "change_record",
    "claim_account",
    "close",
    "confirm_email_change",
    "confirm_password",
    "create_admin",
    "disable",
    "dismiss",
    "empty",
    "empty_closed",
    "enable",
    "end_all_sessions",
    "end_other_sessions",
    "end_session",
    "erase",
    "forget_member",
    "forget_merges",
    "grant",
    "has_admin",
    "invite",
    "join",
    "make_admin",
    "make_link",
    "member_of",
    "merge_members",
    "offer_sign_in",
    "prepare_admin",
    "purge_expired",
    "purge_merges",
    "recipient",
    "refresh_availability",
    "refuse",
    "remove_picture",
    "reopen",
    "reset_password",
    "revoke",
    "send_verification",
    "set_in_print",
    "set_paused",
    "set_picture",
    "sign_up",
    "start_session",
    "take_apart",
    "to_claim",
    "to_confirm",
    "to_reset",
    "to_verify",
    "unblock",
    "verify",
    "withdraw_sign_in",
]
