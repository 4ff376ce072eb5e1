#!/bin/bash
# Times every view of schema analysis, what was known at an instant and the lists of Annex A, on a year of England's size
# (analysis.sql), in a private database that is gone afterwards: as an analyst of one authority, where each must answer within 1 second,
# and of all, within 10. What has no row is a fault too: its time would say nothing.
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
ask --command "DO \$\$ BEGIN
    ASSERT (SELECT count(*) FROM reporting.duty) >= 1000000, 'there are fewer than 1,000,000 duties';
    ASSERT (SELECT count(DISTINCT duty) FROM reporting.duty) >= 45, 'a kind of duty is missing';
END \$\$"
views=$(ask --command "SELECT relname FROM pg_class WHERE relnamespace = 'analysis'::regnamespace AND relkind = 'v' ORDER BY 1")
# Row security is not asked of the owner: who is timed is an analyst.
ask --command "ALTER ROLE quorate_analyst PASSWORD 'analyst'"
analyst=$(sed -E 's#//[^@]*@#//quorate_analyst:analyst@#' <<<"$url")
slow=0 empty=0
for pass in "E06000030 1000" "* 10000"; do
    read -r authority limit <<<"$pass"
    ask --command "DELETE FROM configuration.analyst_grant" \
        --command "INSERT INTO configuration.analyst_grant VALUES ('quorate_analyst', '$authority')"
    for view in $views 'as_known_at(now())' 'annex_a_list_5()' 'annex_a_list_7()' 'annex_a_list_8()'; do
        # Every column is worked out, since the row itself is counted, and none is sent.
        said=$(psql "$analyst" --no-psqlrc --quiet --tuples-only --no-align -v ON_ERROR_STOP=1 \
            --command '\timing on' --command "SELECT count(v) FROM analysis.$view v")
        rows=$(sed -n 's/^\([0-9][0-9]*\)$/\1/p' <<<"$said")
        took=$(sed -n 's/^Time: \([0-9]*\).*/\1/p' <<<"$said")
        mark=
        if [ "$rows" = 0 ]; then
            mark="  has no row"
            empty=$((empty + 1))
        fi
        if [ "$took" -gt "$limit" ]; then
            mark="  over $limit ms"
            slow=$((slow + 1))
        fi
        printf '%-10s %-28s %8d rows %6d ms%s\n' "$authority" "$view" "$rows" "$took" "$mark"
    done
done
echo "$slow over their limit, $empty without a row"
[ "$slow" = 0 ] && [ "$empty" = 0 ]
