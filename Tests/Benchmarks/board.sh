#!/bin/bash
# Times the board's pages on a ledger of more than 1,000,000 duties (analysis.sql: a year of England's size), of an authority of the
# usual size and of one that is twenty times as large. Each page must come within 200 ms, the median of nine, and have something on it.
#
#     Tests/Benchmarks/board.sh [FOLDER OF THE EXECUTABLES]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${1:-$here/../../.build/release}
data=$(mktemp -d)
chmod 755 "$data"
"$bin/quorate" up --data "$data" >"$data/up.log" 2>&1 &
up=$!
trap 'kill -INT $up 2>/dev/null; wait $up 2>/dev/null || true; rm -rf "$data"' EXIT
for _ in $(seq 300); do
    grep -q "Press Ctrl-C" "$data/up.log" && break
    kill -0 $up || { cat "$data/up.log" >&2; exit 1; }
    sleep 0.2
done
url=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["databaseURL"])' "$data/running.json")
ask() { psql "$url" --no-psqlrc --quiet --tuples-only --no-align -v ON_ERROR_STOP=1 "$@"; }
ask --file "$here/analysis.sql"
# Twenty authorities become one.
large="'E06000060', 'E06000061', 'E06000062', 'E06000063', 'E06000064', 'E06000065', 'E06000066', 'E06000067', 'E06000068', 'E06000069',
    'E06000070', 'E06000071', 'E06000072', 'E06000073', 'E06000074', 'E06000075', 'E06000076', 'E06000077', 'E06000078', 'E06000079'"
for table in reporting.{child,allocation,enquiry,conference,plan,sitting,duty,looked_after,transfer_in,postponement,referral,removal} \
    reporting.{finding,escalation,fact,notification} notifications.{notice,message,digest_item,directory_word}; do
    ask --command "UPDATE $table SET authority = 'E06000060' WHERE authority IN ($large)"
done
ask --command "VACUUM ANALYZE"
echo "$(ask --command "SELECT count(*) || ' duties, ' || count(*) FILTER (WHERE authority = 'E06000060') || ' of them of the large authority, ' ||
    count(*) FILTER (WHERE authority = 'E06000060' AND state = 'missed') || ' of those overdue' FROM reporting.duty")"
link=$("$bin/quorate" board link --data "$data")
# Of each authority the longest of its lists.
lists=$(ask --command "SELECT DISTINCT ON (authority) list_id FROM reporting.published_list
    WHERE authority IN ('E06000030', 'E06000060') ORDER BY authority, row_count DESC")
python3 - "$link" $lists <<'PYTHON'
import http.cookiejar, statistics, sys, time, urllib.request

link, *lists = sys.argv[1:]
origin = link.split("/sign-in")[0]
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
browser.open(link).read()
slow = 0
for authority, case, long_list in [("E06000030", "C-30", lists[0]), ("E06000060", "C-60", lists[1])]:
    for page in ["", "/overdue", "/overdue?kind=later_review", "/overdue?team=T-3", "/overdue?team=none-such", "/overdue?rung=2",
                 "/due", "/due?team=T-3", f"/case?reference={case}", "/lists", f"/list?id={long_list}", "/escalations",
                 "/escalations?state=all&rung=2", "/timeliness", "/timeliness?kind=first_review", "/quorum", "/postponements"]:
        times = []
        for _ in range(9):
            began = time.monotonic()
            html = browser.open(f"{origin}/authorities/{authority}{page}").read().decode()
            times.append((time.monotonic() - began) * 1_000)
        took = statistics.median(times)
        slow += took > 200
        bare = any(word in html for word in ["Nothing to list", "None has been published", "Nothing to draw"])
        assert bare == ("none-such" in page), f"{authority} {page}: nothing is on it"
        print(f"{authority} {page or '/':32} {took:6.0f} ms, at most {max(times):.0f}{'  over 200 ms' if took > 200 else ''}")
print(f"{slow} pages over 200 ms")
sys.exit(slow != 0)
PYTHON
