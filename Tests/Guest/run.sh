#!/bin/bash
# Boots Linux 5.10.46 as an ordinary program, without root or KVM, and runs our programs' claims in it.
# SPDX-License-Identifier: Apache-2.0
#
#   run.sh FEEDER [PAYLOAD [PROGRAM]]   FEEDER: a wellspring-feeder binary; PAYLOAD: default payload.sh;
#                                       PROGRAM: a wellspring binary, which comes with its libraries
# Prints a PASS or FAIL line per claim; exit status 0 if all hold, 1 if one failed, 2 if the guest
# could not be booted or did not end in time.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
feeder=${1:?usage: run.sh FEEDER [PAYLOAD [PROGRAM]]}
payload=${2:-$here/payload.sh}
program=${3:-}
# Seconds; the payload takes about 15, a busy machine several times that.
limit=120

cache=$("$here/fetch.sh") || { echo "run.sh: the guest's kernel cannot be fetched" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root/bin" "$root/ws" "$root/dev" "$work/uml"
cp "$cache/busybox" "$root/bin/"
cp "$here/init" "$root/init"
cp "$payload" "$root/ws/payload"
cp "$feeder" "$root/ws/wellspring-feeder"
strip "$root/ws/wellspring-feeder" 2>/dev/null || true
chmod 755 "$root/init" "$root/ws/wellspring-feeder"
if [ -n "$program" ]; then
    cp "$program" "$root/ws/wellspring"
    strip "$root/ws/wellspring"
    # The loader's and each library's path, as ldd shows them.
    ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
        install -D "$library" "$root$library"
    done
fi
compiler=$(command -v cc || command -v clang) || { echo "run.sh: no C compiler" >&2; exit 2; }
for tool in poolprobe egdserver; do
    "$compiler" -O2 -Wall -Werror -static -o "$root/ws/$tool" "$here/$tool.c"
done
(cd "$root" && find . | "$cache/cpio" -o -H newc --quiet -R 0:0) > "$work/initrd"

# UML keeps the guest's memory in a file below TMPDIR, which is to be real memory.
memory=$work
[ -d /dev/shm ] && [ -w /dev/shm ] && memory=/dev/shm
# con0 on descriptor 2: the kernel's console; ssl0 on descriptor 1: the payload's ttyS0.
status=0
TMPDIR=$memory timeout -k 2 "$limit" "$cache/linux.uml" mem=320M "initrd=$work/initrd" rdinit=/init \
    con=null con0=null,fd:2 ssl=null ssl0=null,fd:1 "uml_dir=$work/uml/" umid=guest \
    </dev/null >"$work/results" 2>"$work/console" || status=$?

tr -d '\r' < "$work/results" | grep -v '^GUEST-EXIT' || true
failures=$(sed -n 's/^GUEST-EXIT \([0-9]*\).*/\1/p' "$work/results" | tail -1)
if [ -z "$failures" ]; then
    echo "run.sh: the guest did not finish (status $status); its console ends:" >&2
    tail -5 "$work/console" >&2
    exit 2
fi
[ "$failures" = 0 ] || exit 1
