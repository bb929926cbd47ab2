"""`flask wallet`: is the ledger whole, and does it stay whole when it is killed?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from flask.cli import AppGroup

from app.wallet import drill as drills
from app.wallet import verify as verifying
from app.wallet.copies import CopyError

wallet_cli = AppGroup("wallet", help="The ledger of hours and money.")


@wallet_cli.command("verify")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def verify(as_json: bool) -> None:
    """Check every cell of the ledger; exit 1 and name the rows when something does not fit."""
    done = verifying.audit()
    if as_json:
        click.echo(json.dumps({"ok": not done.findings, **asdict(done)}, indent=2))
    elif done.findings:
        for finding in done.findings:
            click.echo(f"{finding.row}: {finding.fault}", err=True)
        click.echo(f"{len(done.findings)} things do not fit. Restore a backup beside, and compare.", err=True)
    else:
        click.echo(f"Whole: {done.wallets} wallets, {done.transfers} transfers, {done.postings} postings.")
    sys.exit(1 if done.findings else 0)


@wallet_cli.command("drill")
@click.option("--rounds", default=5, show_default=True, help="How often the workers are killed.")
@click.option("--seconds", default=2.0, show_default=True, help="The longest that a round works.")
@click.option("--seed", default=1, show_default=True, help="The same seed draws the same operations.")
@click.option("--work", type=int, hidden=True)
def drill(rounds: int, seconds: float, seed: int, work: int | None) -> None:
    """Try the ledger on a copy of the database: random operations, killed in the middle, then verify."""
    if work is not None:
        for transfer_id in drills.work(work):
            click.echo(transfer_id)
        return
    try:
        report = drills.run(rounds, seconds, seed)
    except CopyError as error:
        raise click.ClickException(str(error)) from error
    for finding in report.findings:
        click.echo(f"{finding.row}: {finding.fault}", err=True)
    if report.lost:
        click.echo(f"confirmed and not there: transfers {report.lost}", err=True)
    click.echo(
        f"{'Passed' if report.passed else 'FAILED'}: {report.kills} processes killed, {report.confirmed} transfers "
        f"confirmed, {len(report.lost)} lost, {len(report.findings)} findings."
    )
    sys.exit(0 if report.passed else 1)
