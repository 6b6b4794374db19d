#!/usr/bin/env bash
# The evidence behind the claims of the built-in timing sources: captures in three states of this machine, assessed.
# SPDX-License-Identifier: Apache-2.0
#
#   Benchmarks/claims.sh [BINARY_FOLDER]     default .build/release
#
# Prints the table of docs/claims.md and what ShippedClaims.swift must say, and leaves in docs/evidence/ each recording's
# sidecar (SOURCE-STATE.json), the assessment (SOURCE-assessment.json) and the profile (SOURCE.json). Takes a
# quarter of an hour, since a million sleeps last minutes; nothing else should run.
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

claim_of() { # SOURCE
    "$bin/wellspring" sources --json --time 0.05 |
        python3 -c "import json,sys; print([s['claimedBitsPerSample'] for s in json.load(sys.stdin) if s['name'] == '$1'][0])"
}

for source in jitter havege sleep; do
    recordings=()
    for state in idle busy copying; do
        name=$source-$state
        begin $state
        "$bin/wellspring" capture $source -n 1000000 -o "$work/$name.bin" 2>/dev/null
        quiet
        recordings+=("$work/$name.bin")
    done
    "$bin/wellspring" capture $source --restarts 1000 -o "$work/$source-restarts.bin" 2>/dev/null
    for name in $source-{idle,busy,copying,restarts}; do
        cp "$work/$name.bin.json" "docs/evidence/$name.json"
    done
    "$bin/wellspring" assess "${recordings[@]}" --restart "$work/$source-restarts.bin" \
        --claim "$(claim_of $source)" --save-profile --profiles docs/evidence --json \
        >"docs/evidence/$source-assessment.json"
done

python3 - <<'P'
import hashlib, json
print("| source | machine state | samples | estimate, bit per sample | weakest | claim | credited / estimate |\n|---|---|---|---|---|---|---|")
for source in ("jitter", "havege", "sleep"):
    record = json.load(open(f"docs/evidence/{source}-assessment.json"))
    claim = record["claim"]
    for state, sample in zip(("idle", "busy", "copying"), record["samples"]):
        found = sample["nonIID"]
        least = found["assessedMinEntropy"]
        print(f"| {source} | {state} | {found['symbolCount']:,} | {least:.2f} | {found['weakestTrack']} {found['weakestEstimator']} | {claim} | {claim / 2 / least:.2f} |")
    tests = record["restart"]["tests"]
    print(f"| {source} | restarts | 1,000 x 1,000 | rows {tests['rows']['minEntropy']:.2f}, columns {tests['columns']['minEntropy']:.2f} | most common value {tests['largestCount']} of 1,000, at most {tests['cutoff']} | {claim} | |")
print()
for source in ("jitter", "havege", "sleep"):
    text = open(f"docs/evidence/{source}.json", "rb").read()
    profile = json.loads(text)
    print(f"ShippedClaims.{source}: {profile['claim']}, {profile['created'][:10]}, {hashlib.sha256(text).hexdigest()}")
P
