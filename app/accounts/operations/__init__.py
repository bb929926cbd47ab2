"""What members and operators do to accounts, a module for each noun. Nothing here commits or looks at a request."""

from app.accounts.operations.agreeing import agree
from app.accounts.operations.approving import approve, refuse
from app.accounts.operations.blocking import block, unblock
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
from app.accounts.operations.email_change import (
    ask_for_email_change,
    cancel_email_change,
    confirm_email_change,
    to_confirm,
)
from app.accounts.operations.inviting import Link, invite, make_link, revoke
from app.accounts.operations.joining import Joined, Newcomer, join, send_verification, sign_up, to_verify, verify
from app.accounts.operations.mails import MAIL_CONTEXTS, recipient
from app.accounts.operations.profile import (
    Profile,
    change_locale,
    change_profile,
    remove_picture,
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
    "MAIL_CONTEXTS",
    "Joined",
    "Link",
    "LinkGone",
    "Newcomer",
    "Profile",
    "add_admin",
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
    "grant",
    "has_admin",
    "invite",
    "join",
    "make_admin",
    "make_link",
    "member_of",
    "prepare_admin",
    "purge_expired",
    "recipient",
    "refresh_availability",
    "refuse",
    "remove_picture",
    "reopen",
    "reset_password",
    "revoke",
    "send_verification",
    "set_paused",
    "set_picture",
    "sign_up",
    "start_session",
    "to_confirm",
    "to_reset",
    "to_verify",
    "unblock",
    "verify",
]
