#!/usr/bin/env bash
# Measures what docs/benchmarks.md shows, on this machine, and prints it as Markdown.
# SPDX-License-Identifier: Apache-2.0
#
#   Benchmarks/run.sh [BINARY_FOLDER]     default .build/release; RUNS=5 repetitions, medians and (min-max)
#
# Needs root for the feeder's figures; without it they are left out, and it says so.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(cd "${1:-.build/release}" && pwd)
runs=${RUNS:-5}
work=$(mktemp -d "${TMPDIR:-/tmp}/wellspring-bench.XXXXXX")
daemon=''
stop() { [ -n "$daemon" ] && kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null; daemon=''; }
trap 'stop || true; rm -rf "$work"' EXIT
export SWIFT_BACKTRACE=enable=no
# As root the daemon becomes another user, who must reach its sockets' folder.
chmod 755 "$work"
mkdir "$work/run"
[ "$(id -u)" != 0 ] || chown nobody "$work/run"
cat >"$work/wellspring.yaml" <<Y
listeners:
  egd: { path: $work/run/egd.sock, quality: full-entropy }
  drbg: { path: $work/run/drbg.sock, quality: drbg }
control: { path: $work/run/control.sock }
Y

cc -O2 -Wall -Wextra -o "$work/egdload" Benchmarks/EGD/egdload.c
cc -O2 -Wall -Wextra -o "$work/egdlimit" Benchmarks/EGD/egdlimit.c
cc -O2 -Wall -Wextra -o "$work/spent" Benchmarks/spent.c

# median (min-max) of the numbers on standard input, times $1, with $2 digits
spread() {
    sort -n | awk -v f="${1:-1}" -v d="${2:-2}" '{v[NR] = $1 * f}
        END {printf "%.*f (%.*f-%.*f)", d, v[int((NR + 1) / 2)], d, v[1], d, v[NR]}'
}
# CPU seconds (user + system), wall seconds and peak KiB of a command, one line
spent() { "$work/spent" "$@"; }
row() { printf '| %s | %s |\n' "$1" "$2"; }

printf 'Machine: %s, %s processors, Linux %s, %s. Load before: %s. Each figure: median (min-max) of %s runs.\n\n' \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" "$(uname -r)" \
    "$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)" "$(cut -d' ' -f1-3 /proc/loadavg)" "$runs"
printf '| figure | measured |\n|---|---|\n'

# 1. The whole life of a feeder that credits the kernel once, which is an upper bound for exec to first credit.
if [ "$(id -u)" = 0 ]; then
    row 'exec to exit of wellspring-feeder --once, ms (first credit comes before)' \
        "$(for _ in $(seq "$runs"); do spent "$bin/wellspring-feeder" --once | cut -d' ' -f2; done | spread 1000 1)"
    row 'peak memory of the feeder, MiB' \
        "$(for _ in $(seq "$runs"); do spent "$bin/wellspring-feeder" --once | cut -d' ' -f3; done | spread 0.0009765625 1)"
else
    echo 'not root: the feeder cannot be measured' >&2
fi

# 2. Credited entropy per CPU second: the whole process, from raw samples to full-entropy bytes.
size=2000000
for source in jitter havege; do
    row "full-entropy bytes per CPU second from $source alone, kB" \
        "$(for _ in $(seq "$runs"); do
            spent "$bin/wellspring" read $size --quality full-entropy --standalone --source $source -o /dev/null | cut -d' ' -f1
        done | awk -v s=$size '{print s / $1 / 1000}' | spread 1 0)"
    "$bin/wellspring" capture $source -n 1000000 -o "$work/$source.bin" 2>/dev/null
    row "smallest SP 800-90B non-IID estimate of 1,000,000 raw samples of $source, bit per sample" \
        "$("$bin/wellspring" assess "$work/$source.bin" --json |
            python3 -c "import json,sys; print(round(json.load(sys.stdin)['samples'][0]['nonIID']['assessedMinEntropy'], 3))") (credited: $(
            "$bin/wellspring" sources --json --time 0.05 |
                python3 -c "import json,sys; print([s['claimedBitsPerSample'] for s in json.load(sys.stdin) if s['name'] == '$source'][0] / 2)"))"
done

# 3. A generator's speed.
row 'wellspring read, 512 MiB of drbg quality to /dev/null, CPU s' \
    "$(for _ in $(seq "$runs"); do
        spent "$bin/wellspring" read 512MiB --quality drbg --standalone -o /dev/null | cut -d' ' -f1
    done | spread 1 3)"

# 4. EGD, against the cheapest server one thread can be, in the same run.
Benchmarks/egd.py "$bin" "$work" "$runs"

"$bin/wellspring" run --no-feeder --config "$work/wellspring.yaml" >"$work/log" 2>&1 &
daemon=$!
socket=$work/run/drbg.sock
for _ in $(seq 100); do [ -S "$socket" ] && break; sleep 0.1; done
"$bin/wellspring" drain "$socket" --size 1000 >/dev/null

# 5. Idle.
before=$(awk '{print $14 + $15}' "/proc/$daemon/stat")
wakes() { cat /proc/"$daemon"/task/*/status | awk '/voluntary_ctxt_switches/ && !/non/ {n += $2} END {print n}'; }
sleep 5; first=$(wakes); before=$(awk '{print $14 + $15}' "/proc/$daemon/stat"); sleep 60
row 'idle for 60 s: CPU, %; wake-ups per s' \
    "$(awk -v a="$before" -v b="$(awk '{print $14 + $15}' "/proc/$daemon/stat")" -v hz="$(getconf CLK_TCK)" \
        'BEGIN {printf "%.3f", (b - a) / hz / 60 * 100}'); $(awk -v a="$first" -v b="$(wakes)" 'BEGIN {printf "%.2f", (b - a) / 60}')"
row 'resident memory of the daemon after that, MiB' \
    "$(awk '/VmRSS/ {printf "%.1f", $2 / 1024}' "/proc/$daemon/status")"

# 6. The assessment, beside rngtest and ent.
Benchmarks/assess.py "$bin" "$work" "$runs"

# 7. An Entropy Key, emulated; five minutes of it under load.
Benchmarks/key.py "$bin"
