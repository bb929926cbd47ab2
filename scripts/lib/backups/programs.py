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
from functools import partial
from pathlib import Path

from scripts.lib.backups.refusal import Refusal

LIBC = ctypes.CDLL(None)
SET_PARENT_DEATH_SIGNAL = 1
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


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
        code, printed, told = _done(command, {**os.environ, **(environ or {})}, cwd)
    except FileNotFoundError as error:
        raise Refusal(f"{command[0]} is not installed.") from error
    if code:
        words = (told or printed).strip().splitlines() or [f"exit code {code}"]
        # The last line is often only a summary of the one before.
        said = "; ".join(line.strip().rstrip(".") for line in words[-2:])
        raise Failed(f"{name or command[0]} failed: {said}.", told)
    return printed


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


def _done(command: Sequence[str], environ: Mapping[str, str], cwd: Path | None) -> tuple[int, str, str]:
    """Exit code, stdout and stderr. Python forgets what a handler of signals raises while it forks, so whoever asks for
    the end is heard after that."""
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        with subprocess.Popen(
            command,
            env=environ,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            preexec_fn=partial(_begin, heard),  # noqa: PLW1509 there are no threads here
        ) as process:
            try:
                signal.pthread_sigmask(signal.SIG_SETMASK, heard)
                printed, told = process.communicate()
            except BaseException:
                process.kill()
                raise
            return process.returncode, printed, told
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def _begin(heard: set[int | signal.Signals]) -> None:
    """On Linux nothing goes on writing after we were killed."""
    signal.pthread_sigmask(signal.SIG_SETMASK, heard)
    if sys.platform == "linux":
        LIBC.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
