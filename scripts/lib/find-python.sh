# Sets $python to the checkout's own Python, or else to the first one that is new enough, best with venv.
# Read by scripts/run and scripts/test, which stand in the checkout's folder by then.
python=
for check in 'import sys, venv, ensurepip' 'import sys'; do
  for candidate in .venv/bin/python python3.11 python3.12 python3.13 python3.14 python3; do
    if "$candidate" -c "$check; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1; then
      python=$candidate
      break 2
    fi
  done
done
if [ -z "$python" ]; then
  echo 'Guildhall needs Python 3.11 or newer, with venv (Debian: apt-get install python3 python3-venv).' >&2
  exit 1
fi
