#!/bin/sh
# Builds the C lanes into the folder given, or .build/lanes at the repository's root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../../.build/lanes}
mkdir -p "$out"
libraries=$(pkg-config --cflags --libs rdkafka libpq)
for name in lane_a lane_b mock_broker; do
    # shellcheck disable=SC2086 # pkg-config gives words
    ${CC:-cc} -std=gnu11 -O2 -Wall -Wextra -Werror -Wno-unused-function "$here/$name.c" -o "$out/$name" $libraries
done
