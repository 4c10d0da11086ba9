#!/usr/bin/env bash
# Create the virtual environment given as $1 with the newest suitable Python, or say in a sentence what is missing.
set -euo pipefail
venv=$1
old=

for candidate in python3.13 python3.12 python3.11 python3; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    "$candidate" -c '' >/dev/null 2>&1 || continue    # a version manager's stand-in for a Python that is not there
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { old=$candidate; continue; }
    if ! "$candidate" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        without_venv=$candidate
        continue
    fi
    echo "Making $venv with $("$candidate" --version)."
    exec "$candidate" -m venv "$venv"
done

if [ -n "${without_venv:-}" ]; then
    echo "$without_venv has no venv module. On Debian or Ubuntu: sudo apt-get install $without_venv-venv" >&2
elif [ -n "$old" ]; then
    echo "Perennial needs Python 3.11 or newer; $old here is $("$old" --version)." >&2
else
    echo "Perennial needs Python 3.11 or newer and found none. On Debian or Ubuntu: sudo apt-get install python3-venv" >&2
fi
exit 1
