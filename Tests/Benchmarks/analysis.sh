#!/bin/bash
# Times every view of schema analysis on a year of England's size (analysis.sql), in a private database that is gone
# afterwards: as an analyst of one authority, where each must answer within 1 second, and of all, within 10.
#
#     Tests/Benchmarks/analysis.sh [FOLDER OF THE EXECUTABLES]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${1:-$here/../../.build/release}
data=$(mktemp -d)
chmod 755 "$data"
"$bin/quorate" up --data "$data" >"$data/up.log" 2>&1 &
up=$!
trap 'kill -INT $up 2>/dev/null; wait $up 2>/dev/null || true; rm -rf "$data"' EXIT
for _ in $(seq 300); do
    [ -f "$data/running.json" ] && break
    kill -0 $up || { cat "$data/up.log" >&2; exit 1; }
    sleep 0.2
done
url=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["databaseURL"])' "$data/running.json")
ask() { psql "$url" --no-psqlrc --quiet --tuples-only --no-align -v ON_ERROR_STOP=1 "$@"; }
ask --file "$here/analysis.sql"
views=$(ask --command "SELECT relname FROM pg_class WHERE relnamespace = 'analysis'::regnamespace AND relkind = 'v' ORDER BY 1")
slow=0
for pass in "E06000030 1000" "* 10000"; do
    read -r authority limit <<<"$pass"
    ask --command "DELETE FROM configuration.analyst_grant" \
        --command "INSERT INTO configuration.analyst_grant SELECT session_user, '$authority'"
    for view in $views; do
        # Every column is worked out, and none is sent.
        took=$(ask --command '\timing on' --command "SELECT count(*) FROM (SELECT to_jsonb(v) FROM analysis.$view v OFFSET 0) s" |
            sed -n 's/^Time: \([0-9]*\).*/\1/p')
        mark=
        if [ "$took" -gt "$limit" ]; then
            mark="  over $limit ms"
            slow=$((slow + 1))
        fi
        printf '%-10s %-28s %6d ms%s\n' "$authority" "$view" "$took" "$mark"
    done
done
echo "$slow views over their limit"
[ "$slow" = 0 ]
