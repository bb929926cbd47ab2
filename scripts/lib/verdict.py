"""scripts/test: installs what the tests need, runs every step whatever the others say, and sums up. Any Python."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import environment
from environment import BYTECODE, PYTHON, ROOT

# Debian's package → what it is for; a test run without it says less.
PROGRAMS = {
    "postgresql": "the tests on PostgreSQL",
    "chromium": "the tests in a browser",
    "strace": "kills at every system call",
}
# What only reads the code is the same on both databases.
ABOUT_THE_CODE = [f"tests/architecture/test_{what}.py" for what in ("code", "templates", "translations")]
BUILD_ASSETS = "from app.core.assets import build; build()"
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@dataclass
class Verdict:
    """What was run, with its seconds and exit code, and what could not be."""

    left_out: list[str] = field(default_factory=list)
    steps: list[tuple[str, float, int]] = field(default_factory=list)

    def run(self, name: str, *command: str) -> None:
        print(f"\n── {name}", flush=True)
        began = time.monotonic()
        environ = {**os.environ, "PYTHONPYCACHEPREFIX": str(BYTECODE)}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run([str(PYTHON), *command], cwd=ROOT, env=environ, check=False)
        self.steps.append((name, time.monotonic() - began, done.returncode))

    def passed(self) -> bool:
        incomplete = self.left_out and os.environ.get("CI", "").lower() == "true"
        return not incomplete and not any(code for _, _, code in self.steps)

    def print(self) -> None:
        print(f"\n{'Step':<30}{'Seconds':>9}  Verdict")
        for name, seconds, code in self.steps:
            print(f"{name:<30}{seconds:>9.1f}  {'FAILED' if code else 'passed'}")
        for what in self.left_out:
            print(f"!!! LEFT OUT: {what}")
        total = sum(seconds for _, seconds, _ in self.steps)
        print(
            f"\n{'PASSED' if self.passed() else 'FAILED'}: {len(self.steps)} steps in {total:.0f} seconds", flush=True
        )


def main(arguments: Sequence[str]) -> int:
    options = read(arguments)
    environment.ensure("requirements-dev.txt")
    missing = install_missing_programs()
    verdict = Verdict(left_out=[f"{PROGRAMS[name]} ({name} is not installed)" for name in missing])
    for what in verdict.left_out:
        print(f"!!! LEFT OUT: {what}", flush=True)
    check_code(verdict)
    run_tests(verdict, options, missing)
    verdict.print()
    return 0 if verdict.passed() else 1


def read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/test", description="From a bare checkout to a verdict.")
    parser.add_argument(
        "--all",
        action="store_true",
        help="the long tests too, and the browser's and those of scripts/ on both databases",
    )
    parser.add_argument("pytest", nargs="*", metavar="-- ARGUMENT", help="what follows -- goes to pytest")
    return parser.parse_args(arguments)


def install_missing_programs() -> list[str]:
    """Debian's packages that are missing and cannot be installed by this user on this machine."""
    missing = [name for name in PROGRAMS if not is_installed(name)]
    apt = apt_get()
    if missing and apt:
        print(f"Installing {' and '.join(missing)} …", flush=True)
        subprocess.run([*apt, "update", "-q"], stdout=subprocess.DEVNULL, check=False)
        command = [*apt, "install", "-q", "-y", "--no-install-recommends", *missing]
        subprocess.run(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False)
    return [name for name in missing if not is_installed(name)]


def is_installed(package: str) -> bool:
    if package == "postgresql":
        return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))
    return shutil.which(package) is not None


def apt_get() -> list[str]:
    """The command by which this user may install packages without being asked for a password; empty if none."""
    if not shutil.which("apt-get"):
        return []
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if os.geteuid() == 0:
        return command
    may = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n", *command] if may and may.returncode == 0 else []


def check_code(verdict: Verdict) -> None:
    verdict.run("assets", "-c", BUILD_ASSETS)
    verdict.run("ruff check", "-m", "ruff", "check", ".")
    verdict.run("ruff format", "-m", "ruff", "format", "--check", ".")
    verdict.run("layers", "-c", LINT_IMPORTS)
    verdict.run("types", "-m", "pyrefly", "check")
    verdict.run("templates", "-m", "djlint", "templates", "--lint", "--quiet")


def run_tests(verdict: Verdict, options: argparse.Namespace, missing: Sequence[str]) -> None:
    workers = str(max(2, min(8, os.cpu_count() or 2)))
    for database in ("sqlite", "postgresql"):
        if database in missing:
            continue
        without = {
            "slow": not options.all,
            "strace": "strace" in missing,
            "browser": "chromium" in missing or (database == "postgresql" and not options.all),
        }
        marks = " and ".join(f"not {mark}" for mark, left_out in without.items() if left_out)
        # Starting the site on both databases takes its time; whoever names tests gets those.
        again = database == "postgresql" and not options.pytest
        once = [*ABOUT_THE_CODE, *([] if options.all else ["tests/scripts"])] if again else []
        ignored = [f"--ignore={path}" for path in once]
        command = ["-m", "pytest", "--database", database, "-n", workers, "-m", marks, *ignored, *options.pytest]
        verdict.run(f"tests on {database}", *command)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except environment.Refusal as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit("\nStopped before the verdict.")
