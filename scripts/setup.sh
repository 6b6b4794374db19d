#!/bin/sh
# Installs what Wellspring needs on a Debian-like system: setup.sh [run|test|peers|bench].
# Does nothing, quickly, when nothing is missing. Needs root or sudo only when something is.
# SPDX-License-Identifier: Apache-2.0
set -eu

# The lists, one per purpose. g++ brings the linker, libc's headers and libstdc++ that Swift links with.
for_run="ca-certificates g++ git libbz2-dev libc6-dev libdivsufsort-dev libkissfft-dev linux-libc-dev make"
for_test="$for_run busybox-static cpio curl ent libssl-dev libusb-1.0-0 openssl procps python3 shellcheck strace util-linux xz-utils"
# Nothing here that starts a service: programs that would are unpacked by Tests/Guest/fetch.sh instead.
for_peers="$for_test iproute2 libxml2-utils perl socat systemd"
for_bench="$for_test stress-ng"

case "${1:-run}" in
    run) wanted=$for_run ;;
    test) wanted=$for_test ;;
    peers) wanted=$for_peers ;;
    bench) wanted=$for_bench ;;
    *) echo "usage: $0 [run|test|peers|bench]" >&2; exit 64 ;;
esac

fail() { echo "setup: $*" >&2; exit 1; }

version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
[ -n "$version" ] || fail "no Swift toolchain in PATH: install Swift 6.2 or later from https://swift.org/install"
case $version in
    [0-5].* | 6.0 | 6.1) fail "Swift $version is too old: install 6.2 or later from https://swift.org/install" ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    fail "this system has no apt: install by hand what Debian calls: $wanted; then build with 'swift build'"
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
missing=
for package in $wanted; do
    printf '%s\n' "$installed" | grep -qxF "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        fail "these packages are missing, and neither root nor sudo is at hand to install them:$missing"
    as_root=sudo
fi
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >&2; }

echo "setup: installing$missing" >&2
# What apt knows already is tried first; one update when that is not enough.
# shellcheck disable=SC2086 # a list of package names
if ! apt install -y --no-install-recommends $missing 2>/dev/null; then
    apt update || fail "apt-get update failed; still missing:$missing"
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends $missing || fail "could not be installed:$missing"
fi
