"""The features that a community may do without."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.community import presets
from app.core.registry import Registry, Switch
from app.exchange.queries import exchanges as exchange_queries
from app.wallet import keeping as wallet_keeping

HOURS_FOR_COORDINATORS = frozenset(
    {
        "admin.hour_rules",
        "admin.hour_sharing",
        "admin.member_limit",
        "admin.remove_member_limit",
        "admin.organisations",
        "admin.add_organisation",
        "admin.organisation",
        "admin.change_organisation",
        "admin.name_acting_member",
        "admin.remove_acting_member",
        "admin.close_organisation",
        "admin.reopen_organisation",
        "admin.ledger",
        "admin.ledger_line",
        "admin.reverse_line",
    }
)


def add_switches(into: Registry) -> None:
    into.add_switches(
        Switch(
            presets.MATCHES,
            _l("Matches"),
            _l("Shows members who fits them, with the reasons. Without it they find each other by search."),
            endpoints=frozenset({"directory.matches", "directory.one_way_matches"}),
        ),
        Switch(
            presets.POSTS,
            _l("Requests and offers"),
            _l("Members put up what they need or offer just now. Without it they meet by their lists of skills."),
            blueprints=frozenset({"posts"}),
        ),
        Switch(
            presets.CHATS,
            _l("Messages"),
            _l("Members write to each other, one to one. Without it they meet by telephone or in person."),
            endpoints=frozenset({"reports.report_message"}),
            blueprints=frozenset({"chats", "exchanges"}),
            in_use=exchange_queries.in_use,
        ),
        Switch(
            presets.HOURS,
            _l("Hours"),
            _l("Members keep count of the time that they give and get. Without it they help without counting."),
            endpoints=HOURS_FOR_COORDINATORS,
            blueprints=frozenset({"hours", "wallet"}),
            in_use=lambda: [*exchange_queries.hours_in_use(), *wallet_keeping.in_use()],
        ),
    )
