"""The places of members, and what they can start."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.registry import Entry, Registry, Verb
from app.menu import coordinators

STATEMENT_PAGES = ("wallet.print_statement", "wallet.transfer")
WALLET_PAGES = (
    "wallet.give",
    "wallet.give_to",
    "wallet.plan",
    "wallet.gift",
    "wallet.organisation",
    "wallet.organisation_statement",
    "wallet.print_organisation_statement",
)


def add_navigation(into: Registry) -> None:
    into.add_navigation(
        Entry("home", _l("Home"), "home", "home.index", 10, phone=True),
        Entry("find", _l("Find"), "search", "directory.members", 20, phone=True),
        Entry("members", _l("Members"), "users", "directory.members", 21, parent="find", endpoints=("home.profile",)),
        Entry(
            "matches",
            _l("Matches"),
            "heart-handshake",
            "directory.matches",
            22,
            parent="find",
            endpoints=("directory.one_way_matches",),
        ),
        Entry("skills", _l("Skills"), "school", "skills.catalogue", 23, parent="find", endpoints=("skills.show",)),
        Entry(
            "posts",
            _l("Requests and offers"),
            "speakerphone",
            "posts.index",
            24,
            parent="find",
            endpoints=("posts.show", "posts.mine", "posts.write", "posts.edit", "posts.print_posts", "posts.report"),
        ),
        Entry(
            "messages",
            _l("Messages"),
            "messages",
            "chats.index",
            40,
            badge="chats",
            phone=True,
            endpoints=("chats.show", "chats.start", "chats.edit"),
            part="chats.count",
            topic="chats",
        ),
        Entry(
            "exchanges",
            _l("Exchanges"),
            "arrows-exchange",
            "exchanges.index",
            45,
            badge="exchanges",
            endpoints=(
                "exchanges.show",
                "exchanges.propose",
                "exchanges.counter",
                "exchanges.plan",
                "exchanges.change_session",
                "exchanges.accept",
                "exchanges.decline",
                "exchanges.cancel",
                "exchanges.confirm",
                "exchanges.deny",
            ),
        ),
        Entry("wallet", _l("Wallet"), "wallet", "wallet.index", 48),
        Entry("my-wallet", _l("Wallet"), "wallet", "wallet.index", 48, parent="wallet", endpoints=WALLET_PAGES),
        Entry(
            "statement",
            _l("Statement"),
            "list",
            "wallet.statement",
            49,
            parent="wallet",
            endpoints=STATEMENT_PAGES,
        ),
        Entry(
            "hours",
            _l("Recorded hours"),
            "clock",
            "hours.index",
            50,
            badge="hours",
            parent="wallet",
            endpoints=("hours.record", "hours.post", "hours.show"),
        ),
        Entry("me", _l("Me"), "user-circle", "settings.index", 90, badge="me", phone=True),
        Entry("my-page", _l("My page"), "id-badge-2", "home.profile", 91, parent="me", own=True),
        Entry("profile", _l("Profile"), "pencil", "settings.profile", 92, parent="me"),
        Entry("my-skills", _l("Skills"), "school", "skills.settings", 93, parent="me"),
        Entry("availability", _l("Availability"), "clock", "settings.availability", 94, parent="me"),
        Entry(
            "account",
            _l("Account"),
            "lock",
            "settings.account",
            95,
            parent="me",
            endpoints=("settings.email", "settings.password", "settings.closing"),
        ),
        Entry("sessions", _l("Sessions"), "device-desktop", "settings.sessions", 96, parent="me"),
        Entry(
            "privacy",
            _l("Privacy"),
            "shield-check",
            "settings.privacy",
            97,
            parent="me",
            endpoints=("reports.mine",),
        ),
        Entry("my-notices", _l("Notices"), "bell", "notices.preferences", 97, parent="me"),
    )
    coordinators.add_places(into)
    into.add_verbs(
        Verb(_l("I need…"), "speakerphone", "posts.write", 5, {"kind": "request"}),
        Verb(_l("I offer…"), "gift", "posts.write", 10, {"kind": "offer"}),
        Verb(_l("Record hours"), "clock", "hours.record", 12),
        Verb(_l("I can teach…"), "school", "skills.settings", 15, {"kind": "offer"}),
        Verb(_l("I want to learn…"), "bulb", "skills.settings", 20, {"kind": "want"}),
    )
    into.add_chat_verbs(
        Verb(_l("Propose an exchange"), "arrows-exchange", "exchanges.propose", 10),
        Verb(_l("Give hours"), "gift", "wallet.give_to", 20),
    )
