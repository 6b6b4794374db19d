# Runs in the guest as root, on a kernel whose generator has had no seed: the claims of `wellspring feed`.
# SPDX-License-Identifier: Apache-2.0
failures=0
claim() { # claim TEXT CONDITION...
    local text=$1
    shift
    if "$@"; then echo "PASS $text"; else echo "FAIL $text"; failures=$((failures + 1)); fi
}
seeded() { timeout -s KILL 1 dd if=/dev/random of=/tmp/bytes bs=16 count=1 2>/dev/null; }
unseeded() { ! seeded; }

ifconfig lo 127.0.0.1 up
mkdir -p /etc /run
echo '127.0.0.1 localhost' >/etc/hosts
echo 'nobody:x:65534:65534::/:/bin/false' >/etc/passwd
egdserver 8888 &
claim "the kernel is not seeded" unseeded

# Every Swift program asks for 16 bytes before main: without its start file it would wait for itself.
SWIFT_BACKTRACE=enable=no wellspring feed -H localhost -p 8888 -v >/tmp/log 2>&1 &
feed=$!
tenths=0
fed() { grep -qs "the kernel was fed" /tmp/log; }
while ! fed && [ $tenths -lt 100 ]; do
    sleep 0.1
    tenths=$((tenths + 1))
done
echo "fed after $tenths tenths of a second, entropy_avail $(cat /proc/sys/kernel/random/entropy_avail)"
claim "wellspring feed reads over TCP and feeds it" fed
claim "and thereby seeds it" seeded
kill -TERM $feed
wait $feed
claim "SIGTERM ends it in order" [ $? -eq 0 ]
claim "and nothing is left behind" [ "$(ls /run/wellspring | wc -l)" = 0 ]
[ $failures -eq 0 ] || cat /tmp/log
exit $failures
