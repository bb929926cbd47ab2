"""Triggers that the database holds, declared once: migrations install them, a test compares both lists.

Append-only tables and derived ones; the same rule is spelled in each dialect's words.
"""

from __future__ import annotations

APPEND_ONLY_TABLES = (
    "audit_events", "report_events", "announcement_events", "transfers", "postings", "post_events", "exchange_events",
    "hour_record_events",
)  # fmt: skip
# Row by row after every change of the first table they keep the second one.
DERIVED_TABLES = {"user_skills": "possible_swaps", "user_languages": "users"}
# A transfer sums to zero: PostgreSQL looks after each statement that adds to it, and at the commit whether there is
# anything; SQLite looks when the transfer's row is written, which closes it.
LEDGER = {
    "postgresql": {
        *("wallets_no_delete", "wallets_no_truncate", "wallets_fixed", "wallets_sound"),
        *("transfers_balanced", "postings_balanced"),
    },
    "sqlite": {"wallets_no_delete", "wallets_fixed", "transfers_balanced", "postings_closed"},
}


def trigger_names(dialect: str) -> set[str]:
    """The names that must be installed; PostgreSQL also refuses TRUNCATE."""
    verbs = ("update", "delete", "truncate") if dialect == "postgresql" else ("update", "delete")
    refusing = {f"tr_{table}_no_{verb}" for table in APPEND_ONLY_TABLES for verb in verbs}
    changes = ("insert", "update", "delete")
    ledger = {f"tr_{name}" for name in LEDGER[dialect]}
    return (
        refusing | ledger | {f"tr_{table}_{verb}_{kept}" for table, kept in DERIVED_TABLES.items() for verb in changes}
    )
