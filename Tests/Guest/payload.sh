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
# drained TEXT EXPECTED STATUS: what wellspring drain wrote and how it ended
drained() { [ "$2" = "$3" ] && grep -q "$1" /tmp/drain; }
pool=/proc/sys/kernel/random
threshold=$(cat $pool/write_wakeup_threshold)
feeder=/ws/wellspring-feeder

echo "kernel $(uname -r) poolsize $(cat $pool/poolsize) threshold $threshold at $(cut -d' ' -f1 /proc/uptime) s"
claim "this kernel has the old pool (4096 bits)" [ "$(cat $pool/poolsize)" = 4096 ]

# Most Swift programs would wait for the kernel's first seed before main; this one does not.
timeout -s KILL 30 wellspring drain /dev/random --size 64 --time 2 >/tmp/drain 2>&1
status=$?
cat /tmp/drain
claim "wellspring drain gets nothing out of a starved kernel, says so and exits 1" \
    drained "0 of 64 bytes" 1 $status

claim "this kernel has no hardware generator to feed itself from" \
    [ "$(cat /sys/class/misc/hw_random/rng_current)" = none ]
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
timeout -s KILL 30 wellspring drain /dev/random --size 64KiB --time 20 >/tmp/drain 2>&1
status=$?
cat /tmp/drain
claim "wellspring drain gets all that it wants while the feeder runs" \
    drained "65536 of 65536 bytes" 0 $status
kill -TERM $daemon
wait $daemon
claim "SIGTERM ends it in order" [ $? -eq 0 ]

# The same kernel, its pool empty again, fed from the host over the second serial line.
poolprobe drain 1 >/tmp/probe
claim "without a feeder the pool stays below its threshold again" \
    [ "$(cat $pool/entropy_avail)" -lt "$threshold" ]
$feeder --from /dev/ttyS1 --report-fd 3 3>/tmp/report &
daemon=$!
poolprobe drain 3 >/tmp/probe
cat /tmp/probe
claim "bytes from the host over a serial line keep it there: dips last under a second" \
    below "$(field longest-low-ms)" 1000
refills=$(grep -c 'event=fed .*class=watermark .*reason=watermark' /tmp/report)
claim "these refills came by POLLOUT, too ($refills, at least 10)" [ "$refills" -ge 10 ]
timeout -s KILL 30 wellspring drain /dev/random --size 64KiB --time 20 >/tmp/drain 2>&1
status=$?
cat /tmp/drain
claim "wellspring drain gets all that it wants" drained "65536 of 65536 bytes" 0 $status
date -s "2030-01-01 00:00:00" >/dev/null
sleep 0.2
claim "a jump of the clock makes it feed at once" grep -q 'reason=clock-jump' /tmp/report
kill -TERM $daemon
wait $daemon
claim "SIGTERM ends it in order" [ $? -eq 0 ]
echo "fed from the line: $(sed -n 's/^event=fed bytes=\([0-9]*\) .*/\1/p' /tmp/report |
    awk '{ n += $1 } END { print n + 0 }') bytes"
exit $failures
