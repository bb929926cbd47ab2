"""The checkout's virtual environment, with the packages of a locked requirements file. Standard library only."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import re
import subprocess
import sys
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Compiled once for all processes of the tests, of which many live for a second; nothing is written beside the sources.
BYTECODE = VENV / "bytecode"
# What a file installs on top of itself: the development lock holds every package of the other one.
INCLUDES = {"requirements-dev.txt": ("requirements-dev.txt", "requirements.txt")}


class Refusal(Exception):
    """Why it cannot go on, in one sentence for whoever started it."""


def ensure(lock: str) -> None:
    """Make the environment and install what the file `lock` names, as far as that is not done yet.

    Raises Refusal.
    """
    if _installed(lock):
        return
    if not os.access(ROOT, os.W_OK):
        raise Refusal(f"The folder {ROOT} cannot be written; the virtual environment goes there.")
    if not _runs("pip"):
        _make()
    _install(lock)
    for name in INCLUDES.get(lock, (lock,)):
        _stamp(name).write_text(_digest(name))


def _installed(lock: str) -> bool:
    stamp = _stamp(lock)
    return stamp.exists() and stamp.read_text() == _digest(lock) and _runs("pip")


def _stamp(lock: str) -> Path:
    return VENV / f"{lock}.installed"


def _digest(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def _runs(module: str) -> bool:
    """Whether the environment's Python works and has `module`; a moved or half-made environment does not."""
    if _is_ours():
        return importlib.util.find_spec(module) is not None
    look = f"import importlib.util, sys; sys.exit(importlib.util.find_spec('{module}') is None)"
    probe = [str(PYTHON), "-I", "-c", look]
    return os.access(PYTHON, os.X_OK) and subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _is_ours() -> bool:
    return Path(sys.prefix).resolve() == VENV


def _make() -> None:
    _require_venv()
    print("Making the virtual environment in .venv …", flush=True)
    base = getattr(sys, "_base_executable", sys.executable) if _is_ours() else sys.executable
    made = subprocess.run([base, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode:
        raise Refusal(f"The virtual environment could not be made: {_last(made.stdout + made.stderr)}")


def _require_venv() -> None:
    """Debian keeps both modules in packages of their own, which the plain python3 does not bring."""
    try:
        importlib.import_module("venv")
        importlib.import_module("ensurepip")
    except ImportError as error:
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        raise Refusal(
            f"{name} cannot make virtual environments; install what is missing with: apt-get install {name}-venv "
            "(or python3-venv)"
        ) from error


def _install(lock: str) -> None:
    names = re.findall(r"^[\w.-]+==", (ROOT / lock).read_text(), re.MULTILINE)
    print(f"Installing {len(names)} packages from {lock}; this happens once and takes a minute or two …", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off", "-r", lock]
    lines: deque[str] = deque(maxlen=15)
    fetched = 0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            lines.append(line)
            fetched += line.startswith(("Collecting ", "Requirement already satisfied"))
            if line.startswith("Collecting ") and fetched % 10 == 0:
                print(f"  {fetched} of {len(names)} fetched", flush=True)
    if pip.returncode:
        print("".join(lines), file=sys.stderr)
        raise Refusal(f"The packages of {lock} could not be installed; pip's last lines are above.")


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no reason was given"
