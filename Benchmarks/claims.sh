#!/usr/bin/env bash
# The evidence behind the claims of the built-in timing sources: captures in three states of this machine, assessed.
# SPDX-License-Identifier: Apache-2.0
#
#   Benchmarks/claims.sh [BINARY_FOLDER]     default .build/release
#
# Prints the table of docs/claims.md and leaves each capture's sidecar and assessment in docs/evidence/.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(cd "${1:-.build/release}" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/wellspring-claims.XXXXXX")
load=()
quiet() {
    [ ${#load[@]} -eq 0 ] || kill "${load[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    load=()
}
trap 'quiet; rm -f "$work"/*; rmdir "$work"' EXIT
mkdir -p docs/evidence

cat >"$work/copy.c" <<'C'
#include <stdlib.h>
#include <string.h>
int main(void) {
    size_t size = 256u << 20;
    char *a = malloc(size), *b = malloc(size);
    if (!a || !b) return 1;
    memset(a, 1, size);
    for (;;) { memcpy(b, a, size); __asm__ volatile("" : : "r"(b) : "memory"); }
}
C
cc -O1 -o "$work/copy" "$work/copy.c"

begin() { # STATE: puts the machine into it
    local processor
    for processor in $(seq "$(nproc)"); do
        case $1 in
            idle) ;;
            busy) sh -c 'while :; do :; done' & load+=($!) ;;
            copying) "$work/copy" & load+=($!) ;;
        esac
        : "$processor"
    done
}

printf '| source | machine state | samples | estimate, bit per sample | weakest | claim | credited / estimate |\n|---|---|---|---|---|---|---|\n'
for source in jitter havege sleep; do
    count=1000000
    [ $source != sleep ] || count=100000
    for state in idle busy copying; do
        name=$source-$state
        begin $state
        "$bin/wellspring" capture $source -n $count -o "$work/$name.bin" 2>/dev/null
        quiet
        mv "$work/$name.bin.json" "docs/evidence/$name.json"
        "$bin/assess-non-iid" "$work/$name.bin" --bits 8 >"docs/evidence/$name.txt"
        rm -f "$work/$name.bin"
        python3 - "$name" "$source" "$state" "$count" <<'P'
import json, sys
name, source, state, count = sys.argv[1:]
lines = dict(l.rsplit(": ", 1) for l in open(f"docs/evidence/{name}.txt").read().splitlines() if ": " in l)
claim = json.load(open(f"docs/evidence/{name}.json"))["claimedBitsPerSample"]
assessed = float(lines["assessed"])
rated = {k: float(v) * (8 if k.startswith("bitstring") else 1)
         for k, v in lines.items() if k.split()[0] in ("literal", "bitstring") and v != "not applicable"}
weakest = min(rated, key=rated.get)
print(f"| {source} | {state} | {int(count):,} | {assessed:.2f} | {weakest} | {claim} | {claim / 2 / assessed:.2f} |")
P
    done
done
