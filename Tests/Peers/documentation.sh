#!/bin/bash
# Runs the examples of docs/serving-a-rack.md as they stand there, where /run, addresses and groups are private.
# SPDX-License-Identifier: Apache-2.0
#
#   documentation.sh PROGRAMS   the folder with the built programs
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
programs=$(cd "${1:?usage: documentation.sh PROGRAMS}" && pwd)

[ "$(id -u)" = 0 ] || { echo "documentation.sh: a private /run needs root" >&2; exit 1; }
# What is missing is fetched before the network is gone.
for part in qemu libvirt; do "$here/../Guest/fetch.sh" "$part" >/dev/null; done
# The address and the group that the page speaks of; this process is in the group, as QEMU is.
# shellcheck disable=SC2016 # expanded by the inner shell
exec unshare --mount --net --propagation private bash -c '
    set -e
    mount -t tmpfs -o mode=755 tmpfs /run
    if ! getent group kvm >/dev/null; then
        { cat /etc/group; echo "kvm:x:64000:"; } >/run/group
        mount --bind /run/group /etc/group
    fi
    ip link set lo up
    ip address add 10.20.0.1/24 dev lo
    exec setpriv --groups "0,$(getent group kvm | cut -d: -f3)" "$@"' in-private "$here/documentation.py" "$programs"
