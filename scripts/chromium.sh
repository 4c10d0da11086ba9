#!/usr/bin/env bash
# Make sure the browser tests find a Chromium: an installed one, else Debian's package, else Playwright's own
# download. $1 is the Python of the virtual environment.
set -euo pipefail
python=$1

installed() {
    # A name alone is not enough: some systems ship a stub that only asks for another package.
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null 2>&1 && "$name" --version >/dev/null 2>&1; then
            echo "Browser for the tests: $(command -v "$name")"
            return 0
        fi
    done
    return 1
}

from_debian() {
    command -v apt-get >/dev/null 2>&1 || return 1
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || return 1
        root=(sudo)
    fi
    echo "No Chromium here: installing the package chromium."
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq || return 1
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium || return 1
}

installed && exit 0
from_debian && installed && exit 0
echo "Installing Playwright's own Chromium."
"$python" -m playwright install chromium
