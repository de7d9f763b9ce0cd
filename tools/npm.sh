#!/bin/sh
# Runs npm with what package-lock.json names installed, and on the Node.js that is part of it:
# Debian's is old, and only has to fetch the rest.
# Usage: npm.sh ARGUMENT...
set -eu
cd "$(dirname "$0")/.."

command -v npm >/dev/null || tools/install_packages.sh npm
if ! cmp -s package-lock.json node_modules/.installed; then
    npm ci
    cp package-lock.json node_modules/.installed
fi
for folder in "$PWD"/node_modules/node-linux-*/bin; do
    PATH=$folder:$PATH
done
export PATH REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
exec npm "$@"
