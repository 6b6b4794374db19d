# Runs in the guest as root, on a kernel whose generator has had no seed: the feeder's claims, one line each.
# SPDX-License-Identifier: Apache-2.0
failures=0
claim() { # claim TEXT CONDITION...
    local text=$1
    shift
    if "$@"; then echo "PASS $text"; else echo "FAIL $text"; failures=$((failures + 1)); fi
}
field() { sed -n "s/.* $1=\([^ ]*\).*/\1/p" /tmp/probe | head -n 1; }
below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a >= 0 && a < b) }'; }
pool=/proc/sys/kernel/random
threshold=$(cat $pool/write_wakeup_threshold)
feeder=/ws/wellspring-feeder

echo "kernel $(uname -r) poolsize $(cat $pool/poolsize) threshold $threshold at $(cut -d' ' -f1 /proc/uptime) s"
claim "this kernel has the old pool (4096 bits)" [ "$(cat $pool/poolsize)" = 4096 ]

timeout -s KILL 1 dd if=/dev/random of=/dev/null bs=16 count=1 2>/dev/null
claim "dd if=/dev/random blocks before the first seed" [ $? -ne 0 ]

poolprobe release $feeder --once >/tmp/probe 2>&1
status=$?
cat /tmp/probe
claim "a blocked reader is released by --once, which exits 0" [ $status -eq 0 ]
claim "and within a second of its exec" below "$(field released-ms)" 1000
claim "dd if=/dev/random no longer blocks" \
    timeout -s KILL 1 dd if=/dev/random of=/tmp/bytes bs=16 count=1

poolprobe drain 1 >/tmp/probe
cat /tmp/probe
claim "without a feeder the drained pool stays below its threshold" \
    [ "$(cat $pool/entropy_avail)" -lt "$threshold" ]

$feeder --from cpu --report-fd 3 3>/tmp/report &
daemon=$!
sleep 0.5
claim "the feeder lifts the pool above its threshold" \
    [ "$(cat $pool/entropy_avail)" -ge "$threshold" ]
poolprobe drain 3 >/tmp/probe
cat /tmp/probe
claim "it stays there while a reader drains: dips last under a second" below "$(field longest-low-ms)" 1000
claim "and the drain was real (at least 5000 bits taken)" [ "$(field taken)" -ge 5000 ]
refills=$(grep -c 'event=fed .*class=watermark .*reason=watermark' /tmp/report)
echo "refills $refills, timer feeds $(grep -c 'reason=\(start\|interval\)' /tmp/report)"
claim "refills came by POLLOUT (at least 10)" [ "$refills" -ge 10 ]
switches() { awk '/ctxt_switches/ { n += $2 } END { print n }' /proc/$daemon/status; }
sleep 1
before=$(switches)
sleep 3
woken=$(($(switches) - before))
echo "wake-ups in 3 s above the threshold: $woken"
claim "above the threshold it sleeps (at most 6 wake-ups in 3 s)" [ "$woken" -le 6 ]
date -s "2030-01-01 00:00:00" >/dev/null
sleep 0.2
claim "a jump of the clock makes it feed at once" grep -q 'reason=clock-jump' /tmp/report
kill -TERM $daemon
wait $daemon
claim "SIGTERM ends it in order" [ $? -eq 0 ]
exit $failures
