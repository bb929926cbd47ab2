"""The one clock, and the moments that the demo community is told in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.core.clock import now, pretending


def test_a_pretended_moment_ends_with_its_block() -> None:
    then = datetime(2020, 2, 29, 12, tzinfo=UTC)
    with pretending(then):
        assert now() == then
        with pretending(then + timedelta(days=1)):
            assert now() == then + timedelta(days=1)
        assert now() == then
    assert now() - datetime.now(UTC) < timedelta(seconds=5)
