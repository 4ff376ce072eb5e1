#!/bin/bash
# Fuzzes the decoder and the assessment with libFuzzer and AddressSanitizer: MINUTES of it (10 by default), from the
# contract's examples. What it finds stays in .build/fuzz/findings, one file an input.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes="${1:-10}"
out=.build/fuzz
mkdir -p "$out/corpus" "$out/findings"
echo "Building with coverage and AddressSanitizer ..."
# Both in one flag: of two flags the compiler takes the last, and nothing is instrumented for coverage.
QUORATE_FUZZ=1 swift build -c release --scratch-path "$out/build" --product fuzz \
    -Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library 2>&1 | grep -E "error|Compiling|Build" | tail -n 1
# Each example by each of the four doors.
for door in 0 1 2 3; do
    for example in Tests/CaseEventsTests/Fixtures/*.json; do
        { printf "\\x0$door"; cat "$example"; } > "$out/corpus/$door-$(basename "$example")"
    done
done
echo "Fuzzing for $minutes minutes ..."
# Tables that live as long as the program are no leaks.
ASAN_OPTIONS=detect_leaks=0 "$out/build/release/fuzz" -max_total_time=$((minutes * 60)) -max_len=8192 -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$out/findings/" -print_final_stats=1 "$out/corpus"
echo "No input stopped it."
