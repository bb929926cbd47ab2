"""Triggers that the database holds, declared once: migrations install them, a test compares both lists.

The tables named here are append-only; the same rule is spelled in each dialect's words.
"""

from __future__ import annotations

APPEND_ONLY_TABLES = ("audit_events", "report_events")


def trigger_names(dialect: str) -> set[str]:
    """The names that must be installed; PostgreSQL also refuses TRUNCATE."""
    verbs = ("update", "delete", "truncate") if dialect == "postgresql" else ("update", "delete")
    return {f"tr_{table}_no_{verb}" for table in APPEND_ONLY_TABLES for verb in verbs}
