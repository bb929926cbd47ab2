"""Running other programs: what they say is kept for the sentence, and they end with us."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.lib.backups.refusal import Refusal

LIBC = ctypes.CDLL(None)
SET_PARENT_DEATH_SIGNAL = 1


class Failed(Refusal):
    """`words` is all that the program said on stderr."""

    def __init__(self, sentence: str, words: str) -> None:
        super().__init__(sentence)
        self.words = words


def run(
    command: Sequence[str], environ: Mapping[str, str] | None = None, *, cwd: Path | None = None, name: str = ""
) -> str:
    """What `command` prints; `environ` is added to our own. Raises Failed with its last words when it fails."""
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **(environ or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            preexec_fn=_end_with_parent,
        )
    except FileNotFoundError as error:
        raise Refusal(f"{command[0]} is not installed.") from error
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        # The last line is often only a summary of the one before.
        said = "; ".join(line.strip().rstrip(".") for line in words[-2:])
        raise Failed(f"{name or command[0]} failed: {said}.", done.stderr)
    return done.stdout


def is_installed(program: str) -> bool:
    return shutil.which(program) is not None


def major_version(program: str) -> int:
    """Of one of PostgreSQL's own programs, as in "pg_dump (PostgreSQL) 15.18"."""
    if not is_installed(program):
        raise Refusal(f"{program} is not installed (Debian: apt-get install postgresql-client).")
    said = run([program, "--version"])
    found = re.search(r"\) (\d+)", said)
    if not found:
        raise Refusal(f"{program} does not say its version: {said.strip()}.")
    return int(found[1])


def _end_with_parent() -> None:
    """On Linux nothing goes on writing after we were killed."""
    if sys.platform == "linux":
        LIBC.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
