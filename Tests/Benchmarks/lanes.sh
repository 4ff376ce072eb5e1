#!/bin/sh
# Tries the lanes by themselves, one at a time, against an in-memory broker and a private PostgreSQL that it starts and
# removes. `quorate bench` compares them with the workers; this says whether a lane works.
#
#     lanes.sh EVENTS.jsonl [COUNT] [PARTITIONS] [ROUNDS]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
events=$1
count=${2:-200000}
partitions=${3:-64}
rounds=${4:-1}
work=$(mktemp -d)
broker=
bin=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -1 | xargs -r dirname)
[ -n "$bin" ] || { echo "no PostgreSQL server is installed" >&2; exit 1; }

# PostgreSQL refuses to run as root.
as_server() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi
}
finish() {
    [ -z "$broker" ] || kill "$broker" 2>/dev/null || true
    as_server "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap finish EXIT INT TERM

"$here/build.sh" "$work/bin"
chmod 711 "$work"
mkdir "$work/data" "$work/socket"
[ "$(id -u)" != 0 ] || chown postgres: "$work/data" "$work/socket"
as_server "$bin/initdb" -D "$work/data" -U postgres -A trust -E UTF8 --locale=C >/dev/null
as_server "$bin/pg_ctl" -D "$work/data" -l "$work/data/log" -w start -o "-c listen_addresses='' \
    -c unix_socket_directories=$work/socket -c max_wal_size=4GB -c shared_buffers=256MB" >/dev/null
database="host=$work/socket user=postgres dbname=postgres"

if ! [ -x "${LANE_PYTHON:-$here/../../.build/lanes/venv/bin/python}" ]; then
    python3 -m venv "$here/../../.build/lanes/venv"
    "$here/../../.build/lanes/venv/bin/pip" install -q confluent-kafka 'psycopg[binary]' orjson
fi
python=${LANE_PYTHON:-$here/../../.build/lanes/venv/bin/python}

"$work/bin/mock_broker" lanes "$partitions" "$count" <"$events" >"$work/address" &
broker=$!
while ! [ -s "$work/address" ]; do
    kill -0 "$broker" || exit 1
    sleep 0.2
done
read -r address loaded <"$work/address"
echo "$loaded events in $partitions partitions"
for _ in $(seq "$rounds"); do
    echo "A $("$work/bin/lane_a" "$address" "$database" lanes "$loaded")"
    echo "B $("$work/bin/lane_b" "$address" "$database" lanes "$loaded")"
    echo "C $("$python" "$here/lane_c.py" "$address" "$database" lanes "$loaded")"
done
for lane in a b c; do
    echo "lane_$lane keeps $("$bin/psql" -qAtd "$database" -c "SELECT count(*) FROM lane_$lane.event") rows"
done
