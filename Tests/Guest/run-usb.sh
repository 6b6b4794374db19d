#!/bin/bash
# Boots Debian's full kernel in QEMU, without root or KVM, and runs the claims about an Entropy Key on USB in it.
# SPDX-License-Identifier: Apache-2.0
#
#   run-usb.sh PROGRAMS   PROGRAMS: the folder with the built programs
# Prints a PASS or FAIL line per claim; exit status 0 if all hold, 1 if one failed, 2 if the guest
# could not be booted or did not end in time.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC1091 # it is no program, and lint reads programs only
. "$here/initramfs.sh"
programs=$(cd "${1:?usage: run-usb.sh PROGRAMS}" && pwd)
# Seconds, several times what it takes.
limit=600

if ! { tools=$("$here/fetch.sh" uml) && machine=$("$here/fetch.sh" qemu) && kernel=$("$here/fetch.sh" usb); }; then
    echo "run-usb.sh: kernel and emulator cannot be fetched" >&2
    exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
lay_out "$root" "$tools/busybox" "$here/key.sh"
for program in wellspring wellspring-feeder entropy-key-emulator; do
    add_program "$root" "$programs/$program"
done
add_program "$root" "$kernel/systemd-udevd"
install -D -m 644 -t "$root/etc/udev/rules.d" "$here/../../Packaging/udev/60-wellspring.rules"
install -D -m 644 -t "$root/ws/modules" "$kernel"/modules/*.ko
for library in "$kernel"/lib/*; do add_library "$root" "$library" /usr/lib/x86_64-linux-gnu; done
pack "$root" "$tools/cpio" >"$work/initrd"

# The first serial line is the payload's, the second one the kernel's console. The processor's generator
# seeds this kernel: what a starved one does is the business of run.sh. The guest's time is that of a
# processor of 125 million instructions a second (2^3 ns each), which skips all waiting: what it measures
# does not depend on how busy this machine is, and a minute of waiting takes less.
status=0
timeout -k 2 "$limit" "$machine/loader" usr/bin/qemu-system-x86_64 \
    -L "$machine/root/usr/share/qemu" -L "$machine/root/usr/share/seabios" \
    -no-user-config -nodefaults -display none -monitor none -no-reboot \
    -accel tcg,thread=single -icount shift=3,sleep=off -machine pc -cpu max -m 512 -smp 1 \
    -kernel "$kernel/vmlinuz" -initrd "$work/initrd" \
    -append "console=ttyS1 rdinit=/init panic=-1 quiet random.trust_cpu=on" \
    -chardev "file,id=results,path=$work/results" -serial chardev:results \
    -chardev "file,id=console,path=$work/console" -serial chardev:console \
    </dev/null >"$work/qemu" 2>&1 || status=$?

tr -d '\r' <"$work/results" | grep -v '^GUEST-EXIT' || true
failures=$(sed -n 's/^GUEST-EXIT \([0-9]*\).*/\1/p' "$work/results" | tail -1)
if [ -z "$failures" ]; then
    echo "run-usb.sh: the guest did not finish (status $status); its console ends:" >&2
    tail -5 "$work/console" "$work/qemu" >&2
    exit 2
fi
[ "$failures" = 0 ] || exit 1
