#!/usr/bin/env bash
# One file with the database and the uploads, read back as a whole before it counts; docs/backup.md tells all.
#   scripts/backup.sh                   makes backup_YYYYmmdd_HHMMSS.tar.gz in BACKUP_DIR and deletes what is too old
#   scripts/backup.sh --list            what there is
#   scripts/backup.sh --verify [FILE]   restores one into a database made for that, and compares
#   scripts/backup.sh --crontab         the lines for cron
set -euo pipefail
umask 077
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}"
root=$(cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)
if [[ ! -x $root/.venv/bin/python ]]; then
  echo "backup.sh: Guildhall is not installed in $root yet; scripts/run does that." >&2
  exit 1
fi
export PYTHONPATH=$root GUILDHALL_COMMAND=backup.sh
exec "$root/.venv/bin/python" -P -m scripts.lib.backups.backup "$@"
