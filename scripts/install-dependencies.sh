#!/bin/sh
# Installs the system packages that Quorate is built and run with, where they are missing. Quiet where none is.
#
#     install-dependencies.sh [--tests]
#
# --tests adds what its tests and benchmarks want: a browser, mail servers, Python.
set -eu

# The first four are the toolchain's own.
packages="git libncurses6 libsqlite3-0 libxml2 g++ pkg-config"
packages="$packages librdkafka-dev libpq-dev libcurl4-openssl-dev libxlsxwriter-dev zlib1g-dev postgresql"
case "${1-}" in
    --tests)
        packages="$packages prometheus kcat python3 python3-venv python3-yaml python3-aiosmtpd openssl postfix"
        packages="$packages dovecot-submissiond chromium libxml2-utils"
        ;;
    '') ;;
    *) echo "usage: $0 [--tests]" >&2; exit 2 ;;
esac

command -v dpkg-query >/dev/null 2>&1 || {
    echo "This is not Debian or Ubuntu. Install what these packages hold by your own means: $packages" >&2
    exit 1
}
missing=
for package in $packages; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

privileged=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "Missing:$missing. Run as root, or install sudo." >&2
        exit 1
    }
    privileged=sudo
fi

# Debian starts a cluster of its own as PostgreSQL is installed; ours are private, and nobody asked for another.
case "$missing" in
    *postgresql*)
        $privileged mkdir -p /etc/postgresql-common
        settings=/etc/postgresql-common/createcluster.conf
        grep -qs '^create_main_cluster' $settings ||
            echo "create_main_cluster = false" | $privileged tee -a $settings >/dev/null
        ;;
esac

# The tests start a Postfix of their own; nobody asked for a mail server of the machine's.
case "$missing" in
    *postfix*)
        echo "postfix postfix/main_mailer_type select No configuration" | $privileged debconf-set-selections || true
        ;;
esac

echo "installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { $privileged env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1; }
apt update || true  # one dead mirror of many is no reason to stop
# shellcheck disable=SC2086 # a list of names
if ! apt install -y --no-install-recommends -o Dpkg::Options::=--force-confold $missing; then
    tail -5 "$log" >&2
    echo "Could not install:$missing. Is this machine offline? Install them by hand and try again." >&2
    exit 1
fi
