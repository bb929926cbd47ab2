#!/usr/bin/env bash
# Puts a backup in place of what is there, wholly or not at all; what was there is kept. docs/backup.md tells all.
#   scripts/restore.sh [FILE|latest]    asks first; --yes does not
#   scripts/restore.sh --undo           takes the last restore back
#   scripts/restore.sh --forget         deletes what is kept from before restores
set -euo pipefail
umask 077
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}"
root=$(cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)
if [[ ! -x $root/.venv/bin/python ]]; then
  echo "restore.sh: Guildhall is not installed in $root yet; scripts/run does that." >&2
  exit 1
fi
export PYTHONPATH=$root GUILDHALL_COMMAND=restore.sh
exec "$root/.venv/bin/python" -P -m scripts.lib.backups.restore "$@"
