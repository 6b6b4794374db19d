#!/bin/bash
# Brings Linux 5.10.46 as an ordinary program (User Mode Linux), a static busybox and cpio into a cache folder.
# SPDX-License-Identifier: Apache-2.0
#
# Nothing is installed and the system's apt configuration is not touched: apt runs with its own
# sources, lists and cache below ${WS_VM_CACHE:-${XDG_CACHE_HOME:-~/.cache}/wellspring-vm}, and the
# packages are unpacked with dpkg-deb. Needs apt, dpkg-deb and the Debian archive keyring. Later
# calls return at once. Prints the folder.
#   WS_DEB_MIRROR=http://...   address of a Debian mirror (default: this system's, else deb.debian.org)
set -euo pipefail

cache=${WS_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wellspring-vm}/uml
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# bullseye's user-mode-linux is 5.10.46: the last packaged kernel from before the random driver was
# rewritten (5.18 and its back-ports), so its pool has 4096 bits and /dev/random blocks at boot.
kernel_suite=bullseye
tools_suite=bookworm

if [ -e "$cache/.complete" ]; then
    echo "$cache"
    exit 0
fi

mirror=${WS_DEB_MIRROR:-$(sed -n \
    's#^URIs: *\(.*/debian\)/*$#\1#p; s#^deb \(\[[^]]*\] \)*\([^ ]*/debian\)/* .*#\2#p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1 || true)}
mirror=${mirror:-http://deb.debian.org/debian}

mkdir -p "$cache"
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

# fetch SUITE PACKAGE...: into $work/root. One apt state per suite, so that a dead suite names itself.
fetch() {
    local suite=$1 state=$work/$1
    shift
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs" "$work/root"
    echo "deb [arch=amd64 signed-by=$keyring] $mirror $suite main" > "$state/sources.list"
    cat > "$state/apt.conf" <<CONF
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$state/lists";
Dir::Cache "$state/cache";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
APT::Sandbox::User "root";
CONF
    export APT_CONFIG=$state/apt.conf
    apt-get -qq update >&2
    # "package/suite": the version of that suite, whatever this system has installed.
    (cd "$state/debs" && apt-get -qq download "${@/%//$suite}" >&2)
    local package
    for package in "$state"/debs/*.deb; do dpkg-deb -x "$package" "$work/root"; done
}

fetch "$kernel_suite" user-mode-linux
fetch "$tools_suite" busybox-static cpio

install -m 755 "$work/root/usr/bin/linux.uml" "$cache/linux.uml"
install -m 755 "$work/root/bin/busybox" "$cache/busybox"
install -m 755 "$work/root/bin/cpio" "$cache/cpio"
touch "$cache/.complete"
echo "$cache"
