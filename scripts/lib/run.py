"""First half of scripts/run, for any Python: the virtual environment; then its Python goes on with serve.py."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import environment


def main() -> None:
    environment.ensure("requirements.txt")
    serve = Path(__file__).with_name("serve.py")
    os.execv(environment.PYTHON, [str(environment.PYTHON), str(serve)])


if __name__ == "__main__":
    try:
        main()
    except environment.Refusal as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit("\nStopped before the start.")
