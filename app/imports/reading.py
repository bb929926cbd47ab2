"""All that stands in an upload, read and checked: slow for a large file, and without a transaction."""

from __future__ import annotations

from dataclasses import dataclass

from app.imports import archives, posts, tables, transfers, values


@dataclass(frozen=True)
class Looked:
    """`checked` also has what the transfers say otherwise about the balances; `compared` is None without transfers."""

    table: tables.Table
    checked: values.Checked
    compared: transfers.Compared | None
    posts: list[posts.Brought]


def require_readable(kind: str, content: bytes, archive: bytes | None) -> None:
    """Raises DomainError (field "upload") for what cannot be read at all."""
    tables.read(kind, content)
    _others(archive)


def looked_at(kind: str, content: bytes, archive: bytes | None) -> Looked:
    """Raises as `require_readable` does; what is wrong with single rows is in the answer."""
    table = tables.read(kind, content)
    checked = values.check(table)
    moved, brought = _others(archive)
    if moved is None:
        return Looked(table, checked, None, brought)
    compared = transfers.compare(checked.people, moved, table.headers)
    return Looked(table, values.Checked(checked.people, [*checked.faults, *compared.faults]), compared, brought)


def _others(archive: bytes | None) -> tuple[transfers.Moved | None, list[posts.Brought]]:
    """The transfers and the posts in an archive."""
    others = archives.others_in(archive)
    lists = ((posts.REQUEST, others.inquiries), (posts.OFFER, others.offers))
    brought = [post for kind, content in lists if content is not None for post in posts.read(kind, content)]
    return transfers.read(others.transfers) if others.transfers is not None else None, brought
