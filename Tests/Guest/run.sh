#!/bin/bash
# Boots Linux 5.10.46 as an ordinary program, without root or KVM, and runs the feeder's claims in it, fed by itself and by the host.
# SPDX-License-Identifier: Apache-2.0
#
#   run.sh PROGRAMS [PAYLOAD]   PROGRAMS: the folder with the built programs; PAYLOAD: default payload.sh,
#                               another one is feed.sh
# Prints a PASS or FAIL line per claim; exit status 0 if all hold, 1 if one failed, 2 if the guest
# could not be booted or did not end in time.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC1091 # it is no program, and lint reads programs only
. "$here/initramfs.sh"
programs=$(cd "${1:?usage: run.sh PROGRAMS [PAYLOAD]}" && pwd)
payload=${2:-$here/payload.sh}
# Seconds; the payload takes about 25, a busy machine several times that.
limit=200

cache=$("$here/fetch.sh") || { echo "run.sh: the guest's kernel cannot be fetched" >&2; exit 2; }
work=$(mktemp -d)
server=''
finish() {
    # The end of the pipe at its standard input ends the server.
    exec 3>&- || true
    [ -z "$server" ] || wait "$server" || true
    rm -rf "$work"
}
trap finish EXIT
root=$work/root
mkdir -p "$work/uml"
lay_out "$root" "$cache/busybox" "$payload"
for program in wellspring wellspring-feeder; do add_program "$root" "$programs/$program"; done
compiler=$(command -v cc || command -v clang) || { echo "run.sh: no C compiler" >&2; exit 2; }
for tool in poolprobe egdserver; do
    "$compiler" -O2 -Wall -Werror -static -o "$root/ws/$tool" "$here/$tool.c"
done
pack "$root" "$cache/cpio" >"$work/initrd"

# UML keeps the guest's memory in a file below TMPDIR, which is to be real memory. While the guest
# unpacks the archive with wellspring and its libraries, it holds that twice.
memory=$work
[ -d /dev/shm ] && [ -w /dev/shm ] && memory=/dev/shm
# This kernel would take the host's /dev/random for its hardware generator and, 10 s after a first
# failure, feed itself from that. Under another name it finds none. The name's end stays as it is,
# since other strings share it.
LC_ALL=C sed 's#/dev/random#/nil/random#' "$cache/linux.uml" > "$work/linux.uml"
chmod 755 "$work/linux.uml"
# The guest's second serial line is a connection to an EGD server of the host's.
coproc SERVER {
    exec "$programs/egd-test-server" --unix "$work/egd.sock" --record "$work/record"
}
server=$!
writer=${SERVER[1]}
exec 3>&"$writer" 4<&"${SERVER[0]}"
exec {writer}>&-
read -r word <&4 || word=nothing
[ "$word" = ready ] || { echo "run.sh: the host's server does not start" >&2; exit 2; }
# con0 on descriptor 2: the kernel's console; ssl0 on descriptor 1: the payload's ttyS0; ssl1 on the
# descriptor of the connection.
status=0
TMPDIR=$memory timeout -k 2 "$limit" "$here/connected.py" "$work/egd.sock" \
    "$work/linux.uml" mem=384M "initrd=$work/initrd" rdinit=/init \
    con=null con0=null,fd:2 ssl=null ssl0=null,fd:1 ssl1=fd:@ "uml_dir=$work/uml/" umid=guest \
    </dev/null >"$work/results" 2>"$work/console" || status=$?
exec 3>&-
host=$(cat <&4)
wait "$server" || status=$?
server=''

tr -d '\r' < "$work/results" | grep -v '^GUEST-EXIT' || true
failures=$(sed -n 's/^GUEST-EXIT \([0-9]*\).*/\1/p' "$work/results" | tail -1)
if [ -z "$failures" ]; then
    echo "run.sh: the guest did not finish (status $status); its console ends:" >&2
    tail -5 "$work/console" >&2
    exit 2
fi

# What the feeder's payload says it fed from the line, against what left the host's tap.
if [ "$payload" != "$here/payload.sh" ]; then
    [ "$failures" = 0 ] || exit 1
    exit 0
fi
fed=$(sed -n 's/^fed from the line: \([0-9]*\) bytes.*/\1/p' "$work/results")
taken=$(awk '{ n += $2 } END { print n + 0 }' "$work/record")
echo "the host's $host"
# Less than a block may be on its way when the feeder is stopped.
if [ -n "$fed" ] && [ "$taken" -ge "$fed" ] && [ "$taken" -le $((fed + 64)) ]; then
    echo "PASS the guest fed $fed bytes of the $taken that left the host's tap"
else
    echo "FAIL the guest fed ${fed:-no} bytes, $taken left the host's tap"
    failures=1
fi
[ "$failures" = 0 ] || exit 1
