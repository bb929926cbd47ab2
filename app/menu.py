"""What members find where: the navigation with its badges' names, the verbs behind "+", the features with a switch."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.community import presets
from app.core.registry import Entry, Registry, Switch, Verb

MODERATORS = frozenset({"moderator", "admin"})
ADMINISTRATORS = frozenset({"admin"})


def add_switches(into: Registry) -> None:
    into.add_switches(
        Switch(
            presets.MATCHES,
            _l("Matches"),
            _l("Shows members who fits them, with the reasons. Without it they find each other by search."),
            endpoints=frozenset({"directory.matches", "directory.one_way_matches"}),
        ),
        Switch(
            presets.CHATS,
            _l("Messages"),
            _l("Members write to each other, one to one. Without it they meet by telephone or in person."),
            endpoints=frozenset({"reports.report_message"}),
            blueprints=frozenset({"chats"}),
        ),
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
    into.add_navigation(
        Entry("admin", _l("Community"), "users-group", "admin.index", 98, parent="me", roles=MODERATORS),
        Entry(
            "admin-members",
            _l("Members"),
            "users",
            "admin.members",
            105,
            parent="admin",
            endpoints=(
                "admin.member",
                "admin.add_member",
                "admin.edit_member",
                "admin.member_skills",
                "admin.add_member_skill",
                "admin.disable_member",
                "admin.offer_sign_in",
                "admin.merge_member",
                "admin.merge_members",
            ),
            roles=MODERATORS,
        ),
        Entry(
            "admin-approvals",
            _l("Newcomers"),
            "user-search",
            "admin.approvals",
            110,
            badge="approvals",
            parent="admin",
            endpoints=("admin.refuse",),
            roles=MODERATORS,
        ),
        Entry(
            "admin-invitations",
            _l("Invitations"),
            "mail",
            "admin.invitations",
            112,
            badge="invitations",
            parent="admin",
            endpoints=("admin.invite", "admin.make_link", "admin.invitation"),
            roles=MODERATORS,
        ),
        Entry(
            "admin-print",
            _l("Printed directory"),
            "printer",
            "admin.print_directory",
            125,
            parent="admin",
            roles=MODERATORS,
        ),
        Entry(
            "admin-import",
            _l("Import"),
            "upload",
            "admin.import_members",
            114,
            parent="admin",
            endpoints=("admin.upload_import", "admin.check_import", "admin.take_import", "admin.invite_imported"),
            roles=ADMINISTRATORS,
        ),
        Entry("admin-terms", _l("Terms"), "book", "admin.terms", 170, parent="admin", roles=ADMINISTRATORS),
        Entry(
            "admin-skills",
            _l("Skills"),
            "school",
            "admin.skills",
            121,
            badge="proposals",
            parent="admin",
            endpoints=("admin.skill", "admin.merge_skill"),
            roles=MODERATORS,
        ),
        Entry(
            "admin-reports",
            _l("Reports"),
            "flag",
            "admin.reports",
            120,
            badge="reports",
            parent="admin",
            endpoints=("admin.report", "admin.review_report", "admin.resolve_report", "admin.dismiss_report"),
            roles=MODERATORS,
        ),
        Entry(
            "admin-settings",
            _l("Settings"),
            "settings",
            "admin.settings",
            180,
            parent="admin",
            roles=ADMINISTRATORS,
            endpoints=("admin.logo",),
        ),
        Entry(
            "admin-features",
            _l("Features"),
            "adjustments-horizontal",
            "admin.features",
            181,
            parent="admin",
            roles=ADMINISTRATORS,
            endpoints=("admin.change_features", "admin.preset"),
        ),
        Entry(
            "admin-announcements",
            _l("Announcements"),
            "speakerphone",
            "admin.announcements",
            123,
            parent="admin",
            endpoints=(
                "admin.announcement",
                "admin.write_announcement",
                "admin.reword_announcement",
                "admin.send_announcement",
                "admin.discard_announcement",
            ),
            roles=MODERATORS,
        ),
        Entry(
            "admin-mail",
            _l("Mail"),
            "mail",
            "admin.mail",
            182,
            badge="mail",
            parent="admin",
            endpoints=("admin.test_mail",),
            roles=ADMINISTRATORS,
        ),
    )
    into.add_verbs(
        Verb(_l("I offer…"), "gift", "skills.settings", 10, {"kind": "offer"}),
        Verb(_l("I want to learn…"), "bulb", "skills.settings", 20, {"kind": "want"}),
    )
