#!/bin/sh
# Builds once, lints, and runs every test suite (each test target of Package.swift) with its time.
#
#     test.sh [--no-servers] [SUITE]...
#
# --no-servers leaves out the suites whose folder holds a file .needs-server: they want Kafka or PostgreSQL. Made for a glance,
# it builds without optimisation, in half the time, and goes through fewer rounds of what is shown again and again.
# What a suite skips is named with the reason; what failed is told once more at the end. The last line reads
# "N passed, N failed", and ", N skipped" where any was; the exit status says the same.
set -eu
cd "$(dirname "$0")/.."

servers=yes
wanted=
for argument in "$@"; do
    case "$argument" in
        --no-servers) servers=no ;;
        -*) echo "usage: $0 [--no-servers] [SUITE]..." >&2; exit 2 ;;
        *) wanted="$wanted $argument" ;;
    esac
done

passed=0
failed=0
skipped=0
flags="-c release -Xswiftc -enable-testing"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

seconds_since() { echo "$(($(date +%s) - $1)) s"; }

# A failed test's issues, each with the lines that go on with it; the last words of a suite that crashed.
issues() {
    awk '/^[^[:alnum:]]*Test .* recorded an issue/ { left = 12 }
         /^[^[:alnum:]]+(Test|Suite) / && !/recorded an issue/ { left = 0 }
         left > 0 { print "  " $0; left--; any = 1 }
         { last[NR % 5] = $0 }
         END { if (!any) for (line = NR > 4 ? NR - 4 : 1; line <= NR; line++) print "  " last[line % 5] }' "$1"
}

finish() {
    if [ -s "$work/failures" ]; then
        echo
        echo "What failed:"
        cat "$work/failures"
    fi
    if [ "$skipped" = 0 ]; then skips=; else skips=", $skipped skipped"; fi
    echo "$passed passed, $failed failed$skips"
    [ "$failed" = 0 ] && [ "$passed" != 0 ]
}

# Prints one line, and all that was said where the step failed.
step() {
    name=$1
    shift
    began=$(date +%s)
    if "$@" >"$work/output" 2>&1; then
        printf '%-28s %s\n' "$name" "$(seconds_since "$began")"
    else
        cat "$work/output"
        printf '%-28s FAILED after %s\n' "$name" "$(seconds_since "$began")"
        return 1
    fi
}

# The suites that need no server run no worker. What only workers are made of, an HTTP server above all, takes as long to
# build as all the rest. Package.swift leaves the other suites out.
if [ "$servers" = no ]; then
    export QUORATE_NO_SERVERS=1 QUORATE_BRIEF=1
    flags="-c debug"
fi
# shellcheck disable=SC2086 # flags are words
build() {
    if [ "$servers" = no ]; then
        swift build $flags --product quoratePackageTests
    else
        swift build $flags --build-tests
    fi
}

if ! step build build; then
    failed=1
    finish
    exit 1
fi
if step lint make --no-print-directory lint; then passed=$((passed + 1)); else failed=$((failed + 1)); fi

# A test is named Target.Suite/test() or Target.test(); a target is a suite here. What the package declares and does not
# list has no tests, and is shown.
# shellcheck disable=SC2086
swift test $flags --skip-build list >"$work/tests" 2>"$work/output" || { cat "$work/output"; failed=$((failed + 1)); }
cut -d. -f1 "$work/tests" | sort -u >"$work/suites"
env -u QUORATE_NO_SERVERS swift package describe --type json 2>/dev/null >"$work/package"
python3 - "$work/package" "$work/suites" >"$work/targets" <<'PYTHON'
import json, pathlib, sys

listed = set(open(sys.argv[2]).read().split())
for target in json.load(open(sys.argv[1]))["targets"]:
    if target["type"] == "test":
        needs = "server" if (pathlib.Path(target["path"]) / ".needs-server").exists() else "-"
        print(target["name"], "tests" if target["name"] in listed else "empty", needs)
PYTHON

while read -r suite content needs; do
    if [ -n "$wanted" ]; then
        case " $wanted " in *" $suite "*) ;; *) continue ;; esac
    fi
    if [ "$needs" = server ] && [ "$servers" = no ]; then
        printf '%-28s left out: needs a server\n' "$suite"
        continue
    fi
    if [ "$content" = empty ]; then
        printf '%-28s has no tests\n' "$suite"
        continue
    fi
    began=$(date +%s)
    status=0
    # shellcheck disable=SC2086
    swift test $flags --skip-build --filter "^$suite\\." >"$work/output" 2>&1 </dev/null || status=$?
    # swift-testing: "Test run with 12 tests in 3 suites passed after 0.1 seconds.", or "failed ... with 2 issues."; of
    # those that failed each has a line `Test name() failed after 0.1 seconds ...`. XCTest: "Executed 4 tests, with 1 failure ...".
    ran=$(sed -n 's/.*Test run with \([0-9][0-9]*\) tests\{0,1\}.*/\1/p' "$work/output" | tail -1)
    lost=$(grep -E '^[^[:alnum:]]*Test .* failed after [0-9.]+ seconds' "$work/output" | grep -cv 'Test run with' || true)
    older=$(sed -n 's/.*Executed \([0-9][0-9]*\) tests\{0,1\}, with .*/\1/p' "$work/output" | tail -1)
    older_lost=$(sed -n 's/.*Executed [0-9]* tests\{0,1\}, with .*\([0-9][0-9]*\) failures\{0,1\}.*/\1/p' "$work/output" | tail -1)
    ran=$((${ran:-0} + ${older:-0}))
    lost=$((lost + ${older_lost:-0}))
    # A crash, or a run that found nothing, is a failure though no line says so.
    if [ "$status" != 0 ] && [ "$lost" = 0 ] || [ "$ran" = 0 ]; then lost=$((lost + 1)); fi
    # Skipped ones are among those "with": "Test name() skipped: "the reason"".
    left=$(grep -cE '^[^[:alnum:]]*Test .* skipped' "$work/output" || true)
    good=$((ran - lost - left))
    [ "$good" -ge 0 ] || good=0
    passed=$((passed + good))
    failed=$((failed + lost))
    skipped=$((skipped + left))
    if [ "$lost" = 0 ]; then
        printf '%-28s %s: %s tests\n' "$suite" "$(seconds_since "$began")" "$((ran - left))"
        sed -nE 's/^[^[:alnum:]]*Test (.* skipped.*)/    \1/p' "$work/output"
    else
        cat "$work/output"
        { echo "$suite"; issues "$work/output"; } >>"$work/failures"
        printf '%-28s %s: %s tests, %s FAILED\n' "$suite" "$(seconds_since "$began")" "$((ran - left))" "$lost"
    fi
done <"$work/targets"
finish
