"""One cell of any ledger column is changed behind the application's back: verify finds it and names the row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Table, delete, select, text, update

from app.core.db import Base, db
from app.wallet import operations, verify
from app.wallet.models import Posting, Transfer, Wallet
from tests.wallet.conftest import Wallets
from tests.world import World

TABLES: dict[str, Any] = {"wallets": Wallet, "transfers": Transfer, "postings": Posting}
CELLS = [(name, column.name) for name, model in TABLES.items() for column in model.__table__.columns]


def behind_its_back(change: Any) -> None:
    """Runs `change` as somebody would who has the database itself: no trigger, no check and no key is in the way."""
    db.session.rollback()
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("ROLLBACK")  # the pragmas are taken outside transactions only
            for word in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
                connection.exec_driver_sql(f"PRAGMA {word}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
            for table, constraint in connection.execute(
                text("SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c'")
            ).all():
                if str(table) in TABLES:
                    connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        connection.execute(change)
        connection.commit()
        connection.invalidate()


def key_of(table: Table, row: Any) -> str:
    return "/".join(str(row[column.name]) for column in table.primary_key)


def other_value(column: Any, value: Any) -> Any:
    """Of the same type, and one that the database takes there."""
    known = {
        "kind": {"member": "organisation", "issue": "mint", "grant": "gift", "transfer": "gift"},
        "currency": {"TIME": "EUR"},
    }
    if column.name in known:
        return known[column.name][value]
    if value is None:
        return 1
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, str):
        return "0" * 64 if len(value) == 64 else f"{value}x"
    return value.replace(microsecond=(value.microsecond + 1) % 1_000_000)


@pytest.mark.parametrize(("table_name", "column_name"), CELLS, ids=[".".join(cell) for cell in CELLS])
def test_a_changed_cell_is_found_and_named(tampered: Wallets, world: World, table_name: str, column_name: str) -> None:
    operations.transfer(tampered.alice, tampered.bob, 45, text="One", scope="t", key="1", actor_id=world.alice)
    operations.transfer(tampered.bob, tampered.carol, 30, text="Two", scope="t", key="2", url="/x")
    db.session.commit()
    assert verify.findings() == []
    table: Any = TABLES[table_name].__table__
    order = [column.desc() for column in table.primary_key]
    row = db.session.execute(select(table).order_by(*order).limit(1).offset(1)).mappings().one()
    changed = {column_name: other_value(table.c[column_name], row[column_name])}
    same = [column == row[column.name] for column in table.primary_key]
    behind_its_back(update(table).where(*same).values(changed))
    found = verify.findings()
    names = {f"{table_name} {key_of(table, row)}", f"{table_name} {key_of(table, {**row, **changed})}"}
    assert any(
        name in f"{finding.row}; {finding.fault}".split("; ")[0] + finding.fault for name in names for finding in found
    ), found


@pytest.mark.parametrize("table_name", TABLES)
def test_a_lost_row_is_found(tampered: Wallets, table_name: str) -> None:
    operations.transfer(tampered.alice, tampered.bob, 45, text="One", scope="t", key="1")
    db.session.commit()
    table: Any = TABLES[table_name].__table__
    last = (
        db.session.execute(select(table).order_by(*(c.desc() for c in table.primary_key)).limit(1).offset(1))
        .mappings()
        .one()
    )
    behind_its_back(delete(table).where(*(column == last[column.name] for column in table.primary_key)))
    assert verify.findings()


def test_a_whole_transfer_that_was_taken_out_is_found(tampered: Wallets) -> None:
    """With its postings and with the balances put right: the wallets' heads and versions know better."""
    posted = operations.transfer(tampered.alice, tampered.bob, 45, text="One", scope="t", key="1")
    db.session.commit()
    behind_its_back(delete(Transfer).where(Transfer.id == posted.transfer_id))
    behind_its_back(delete(Posting).where(Posting.transfer_id == posted.transfer_id))
    behind_its_back(update(Wallet).where(Wallet.id == tampered.alice).values(balance=300))
    behind_its_back(update(Wallet).where(Wallet.id == tampered.bob).values(balance=60))
    assert {finding.row for finding in verify.findings()} == {f"wallets {tampered.alice}", f"wallets {tampered.bob}"}


def test_a_cell_that_cannot_be_read_is_found(tampered: Wallets) -> None:
    """SQLite keeps any text in any column."""
    if db.engine.dialect.name != "sqlite":
        return
    for change in ("wallets SET created_at = 'never'", "transfers SET created_at = ''", "postings SET amount = 'much'"):
        behind_its_back(text(f"UPDATE {change}"))
    tables = {finding.row.split()[0] for finding in verify.findings()}
    assert tables == {"wallets", "transfers", "postings"}


def test_upper_features_say_what_they_know(app: Flask, tampered: Wallets) -> None:
    def check(connection: Connection) -> list[tuple[str, str]]:
        return [("exchanges 7", "its escrow is empty")] if connection else []

    checks = app.extensions["guildhall"].ledger_checks
    checks["test"] = check
    try:
        assert verify.findings() == [verify.Finding("exchanges 7", "test: its escrow is empty")]
    finally:
        del checks["test"]


def test_the_command_says_so_and_fails(app: Flask, tampered: Wallets) -> None:
    runner = app.test_cli_runner()
    whole = runner.invoke(args=["wallet", "verify"])
    assert (whole.exit_code, whole.output) == (0, "Whole: 4 wallets, 2 transfers, 4 postings.\n")
    behind_its_back(update(Wallet).where(Wallet.id == tampered.alice).values(balance=301))
    broken = runner.invoke(args=["wallet", "verify"])
    assert broken.exit_code == 1
    assert f"wallets {tampered.alice}: its balance is 301, its postings end at 300" in broken.output
    told = runner.invoke(args=["wallet", "verify", "--json"])
    assert told.exit_code == 1
    content = json.loads(told.output)
    assert (content["ok"], content["findings"][0]["row"]) == (False, f"wallets {tampered.alice}")


def test_every_ledger_table_is_looked_at() -> None:
    """Whoever adds a column to the ledger finds it here, in CELLS, without adding a test."""
    assert set(TABLES) <= set(Base.metadata.tables)
    assert len(CELLS) == 28
