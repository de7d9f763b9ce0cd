#!/bin/sh
# Installs what is missing of the given sections of packages.txt; touches nothing when all is there.
# Usage: install_packages.sh SECTION...
set -eu
list=$(dirname "$0")/packages.txt

wanted=$(for section in "$@"; do
    sed -n "/^\[$section\]/,/^\[/{/^[a-z0-9]/p}" "$list"
done | sort -u)
# shellcheck disable=SC2086
present=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
    sed -n 's/^installed //p') || true
missing=$(printf '%s\n' "$wanted" | grep -vxF "${present:-none}" | tr '\n' ' ') || true
[ -n "$missing" ] || exit 0

run=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "As root, please: apt-get install $missing" >&2
        exit 1
    }
    run=sudo
fi

# What is installed is for us to start: no server of a package's own (PostgreSQL, nginx) comes up.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap '$run rm -f $policy' EXIT
    trap 'exit 1' HUP INT TERM # without it a signal ends the shell, and not by way of EXIT
    printf '#!/bin/sh\nexit 101\n' | $run tee $policy >/dev/null
    $run chmod 755 $policy
fi

install() {
    # shellcheck disable=SC2086
    $run env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends \
        $missing
}

echo "Installing from Debian: $missing"
install || { $run apt-get update --quiet && install; }
