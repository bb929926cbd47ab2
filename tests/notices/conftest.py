"""Fixtures that all tests of notices share."""

from tests.notices.telling import kinds

__all__ = ["kinds"]
