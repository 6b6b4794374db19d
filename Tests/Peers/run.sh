#!/bin/bash
# Wellspring against programs that are not ours: runs the scenarios, one after the other, and says which failed.
# SPDX-License-Identifier: Apache-2.0
#
#   run.sh PROGRAMS [SCENARIO...]   PROGRAMS: the folder with the built programs; default: all scenarios
# Each scenario prints a PASS or FAIL line per claim. Exit status 0 if all hold, else 1.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
programs=$(cd "${1:?usage: run.sh PROGRAMS [SCENARIO...]}" && pwd)
shift
scenarios=("$@")
if [ ${#scenarios[@]} = 0 ]; then
    scenarios=(
        virtual-machines.py restarts.py greeting.py take-over.py systemd.py ekeyd.py entropy-key.py haproxy.py
        documentation.sh
    )
fi
# Seconds for one scenario, several times what it takes.
limit=240
export PYTHONDONTWRITEBYTECODE=1 SWIFT_BACKTRACE=enable=no

for part in qemu haproxy ekeyd entropy-key libvirt; do
    "$here/../Guest/fetch.sh" "$part" >/dev/null
done

failed=()
for scenario in "${scenarios[@]}"; do
    timeout -k 10 "$limit" "$here/$scenario" "$programs" || failed+=("$scenario (exit status $?)")
done
if [ ${#failed[@]} != 0 ]; then
    printf 'peers: FAILED: %s\n' "${failed[@]}"
    exit 1
fi
echo "peers: all ${#scenarios[@]} scenarios passed in $SECONDS s"
