"""scripts/backup.sh as cron runs it: with an empty environment, from somewhere else, in silence when all is well."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import config

FLASK = [".venv/bin/python", "-m", "flask", "--app", "wsgi"]


@pytest.fixture
def installed(checkout: Path, environ: dict[str, str]) -> Path:
    """A site whose settings are in its .env, in a folder with a name that the shell could trip over."""
    moved = checkout.rename(checkout.with_name("a guild's hall"))
    address = environ.get("DATABASE_URL") or f"sqlite:///{moved}/instance/site.sqlite"
    (moved / ".env").write_text(f"SECRET_KEY={'k' * 40}\nDATABASE_URL={address}\nDEMO=0\n")
    subprocess.run([*FLASK, "prepare"], cwd=moved, env=environ, check=True, capture_output=True)
    return moved


@pytest.mark.slow
def test_the_lines_for_cron_run_in_an_empty_environment(installed: Path) -> None:
    command = ["env", "-i", str(installed / "scripts" / "backup.sh"), "--crontab"]
    printed = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True).stdout
    lines = printed.splitlines()
    assert [line.split(maxsplit=5)[:5] for line in lines] == [["0", "2", "*", "*", "*"], ["30", "3", "*", "*", "0"]]
    for line in lines:
        done = as_cron(line)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    folder = installed / "instance" / "backups"
    assert len(list(folder.glob("backup_*.tar.gz"))) == 1
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("a file where a folder is needed")
    faulty = as_cron(lines[0])
    assert faulty.returncode == 1
    assert faulty.stderr.startswith("backup.sh: ")
    assert len(faulty.stderr.splitlines()) == 1, "cron mails one sentence"


def as_cron(line: str) -> subprocess.CompletedProcess[str]:
    """Cron takes a backslash before a % away, and gives the rest to sh with next to no environment."""
    command = line.split(maxsplit=5)[5].replace("\\%", "%")
    return subprocess.run(["env", "-i", "/bin/sh", "-c", command], cwd="/", capture_output=True, text=True, check=False)


def test_a_checkout_that_was_never_installed(empty_checkout: Path) -> None:
    for name in ("backup.sh", "restore.sh"):
        done = subprocess.run([str(empty_checkout / "scripts" / name)], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "is not installed" in done.stderr


def test_a_link_to_it_leads_to_its_own_checkout(tmp_path: Path) -> None:
    link = tmp_path / "backup"
    link.symlink_to(config.ROOT / "scripts" / "backup.sh")
    printed = subprocess.run([str(link), "--crontab"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert str(config.ROOT) in printed


def test_modules_of_the_folder_it_is_called_from_are_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("raise SystemExit('somebody else')")
    (tmp_path / "scripts").mkdir()
    script = str(config.ROOT / "scripts" / "backup.sh")
    done = subprocess.run([script, "--crontab"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
