#!/usr/bin/env bash
# Make sure the tests find a PostgreSQL server, a Java runtime (for Spark) and LibreOffice (it
# recalculates the workbooks): installed ones, else Debian's packages.
set -euo pipefail

needed=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || needed+=(postgresql)
command -v java >/dev/null 2>&1 || needed+=(default-jre-headless)
command -v soffice >/dev/null 2>&1 || needed+=(libreoffice-calc-nogui)
[ ${#needed[@]} -eq 0 ] && exit 0

root=()
[ "$(id -u)" -eq 0 ] || root=(sudo)
echo "Installing ${needed[*]} for the tests."
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${needed[@]}"
