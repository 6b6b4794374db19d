# Runs in the guest as root, on Debian's full kernel: an Entropy Key behind its cdc_acm, plugged, pulled, silent, dead.
# SPDX-License-Identifier: Apache-2.0
failures=0
claim() { # claim TEXT CONDITION...
    local text=$1
    shift
    if "$@"; then echo "PASS $text"; else echo "FAIL $text"; failures=$((failures + 1)); fi
}
# Hundredths of a second since the kernel's start.
now() { local up rest; read -r up rest </proc/uptime; echo "${up%.*}${up#*.}"; }
# soon SECONDS CONDITION...: whether it comes true in that time; $took says when, in hundredths since $began.
began=0
soon() {
    local end=$(($(now) + $1 * 100))
    shift
    while ! "$@"; do
        took=$(($(now) - began))
        [ "$(now)" -lt "$end" ] || return 1
        usleep 200000
    done
    took=$(($(now) - began))
}
list() { wellspring key list 2>&1; }
lists() { list | grep -q "$1"; }
running() { lists "Running OK"; }
well() { lists "YES *Running OK" && ! lists "not yet said how it is"; }
said() { grep -q "$1" /tmp/log; }
tell() { echo "     $((took / 100)).$((took % 100 / 10)) s $1"; }
count_of() { wellspring key stats | sed -n "s/^$1=//p"; }
credited() { wellspring status --json | sed -n '/"name" : "entropy-key/q; s/.*"creditedBits" : \([0-9]*\).*/\1/p' | tail -n 1; }

belongs() { [ "$(stat -c '%G %a' "$1")" = "wellspring 660" ]; }
# 1 says that there are warnings.
answers() { wellspring status >/tmp/status; [ $? -le 1 ]; }

# The device's side: a gadget with the key's ids, and the emulator on its end of the line.
serial=NwBvBlg3OTBJORFD
plug() { # plug [OPTION OF THE EMULATOR]
    began=$(now)
    insmod /ws/modules/*-g_serial.ko idVendor=0x20df idProduct=0x0001 \
        iManufacturer="Simtec Electronics" iProduct="Entropy Key" iSerialNumber=$serial
    stty -F /dev/ttyGS0 raw -echo
    rm -f /tmp/orders
    mkfifo /tmp/orders
    entropy-key-emulator tty /dev/ttyGS0 "$@" </tmp/orders >/tmp/emulator 2>&1 &
    emulator=$!
    exec 4>/tmp/orders
    soon 20 grep -q ready /tmp/emulator
}
order() { echo "$1" >&4; soon 5 grep -q "done $1" /tmp/emulator; }
unplug() {
    exec 4>&-
    wait $emulator
    began=$(now)
    rmmod g_serial
}
start() { # start [OPTION OF run]
    wellspring run "$@" >/tmp/log 2>&1 4>&- &
    daemon=$!
    soon 30 said "wellspring is up"
    began=$(now)
}
end() {
    began=$(now)
    kill -TERM $daemon
    wait $daemon
}

mkdir -p /etc/entropykey /run /var/lib /root
printf 'root:x:0:0::/root:/bin/sh\nwellspring:x:500:500::/:/bin/false\n' >/etc/passwd
printf 'root:x:0:\nwellspring:x:500:\n' >/etc/group
echo "$serial $(head -c 32 /dev/zero | tr '\0' '\7' | base64)" >/etc/entropykey/keyring
chmod 600 /etc/entropykey/keyring
export SWIFT_BACKTRACE=enable=no
for module in /ws/modules/*.ko; do
    case $module in
        *-g_serial.ko) ;;
        *-dummy_hcd.ko) insmod "$module" is_high_speed=0 ;; # as the key
        *) insmod "$module" ;;
    esac
done
systemd-udevd --daemon
echo "kernel $(uname -r), everything loaded at $(cut -d' ' -f1 /proc/uptime) s"
plug
claim "the kernel's cdc_acm makes /dev/ttyACM0 of a device 20df:0001" soon 5 [ -c /dev/ttyACM0 ]
claim "the packaged udev rule gives it to the daemon's group" soon 5 belongs /dev/ttyACM0
claim "and the name that ekeyd's rule gave" soon 5 [ /dev/entropykey/$serial -ef /dev/ttyACM0 ]

# Without any configuration but the keyring, as the user that root is given up for.
start
claim "the daemon finds the key by its ids: Running OK" soon 20 running
tell "after the start"
claim "and the key says that it is well" soon 20 well
list
first=$(credited)
sleep 1
second=$(credited)
echo "     credited bits: $first, later $second"
claim "its credit grows" [ "${second:-0}" -gt "${first:-0}" ]
claim "no frame is missing, none came twice" [ "$(count_of SequenceGaps) $(count_of Replays)" = "0 0" ]

# The last two steps need ReadWritePaths=/sys/devices in the service's unit.
for step in clear-halt rebind port-reset authorize power-cycle; do
    began=$(now)
    wellspring key reset $serial --by $step >/dev/null
    claim "an operator's $step, by a daemon that is not root, is done" soon 15 said "$step done in"
    claim "and the key runs again" soon 10 running
    tell "for both"
done

unplug
claim "pulled out: its status says so within 5 s" soon 5 lists "no Entropy Key with the serial number $serial is plugged in"
tell "after it was pulled out"
claim "and the terminal is gone" [ ! -e /dev/ttyACM0 ]
claim "the daemon goes on" answers
sleep 2
plug
claim "plugged in again: Running OK within 10 s" soon 10 running
tell "after it was plugged in"
claim "by the same daemon" kill -0 $daemon
end
claim "SIGTERM ends it in order" [ $? -eq 0 ]
unplug

# As after a reboot of the host in the middle of a command: the key says nothing until ^C.
plug --silent
start
claim "a key that stands in a command: Running OK" soon 20 running
tell "after the start"
resets=$(count_of ConnectionResets)
claim "by ^C alone ($resets of them, $(count_of RecoverySteps) steps of recovery)" \
    [ "$resets" -le 2 -a "$(count_of RecoverySteps)" = 0 ]
end

# Raw USB, past the driver, as the same user.
echo "{sources: {key: {type: entropy-key, serial: $serial, access: usb}}}" >/etc/usb.yaml
start --config /etc/usb.yaml
claim "access by libusb: Running OK" soon 20 running
list
claim "past the driver, whose terminal is gone" [ ! -e /dev/ttyACM0 ]
claim "no frame is missing" [ "$(count_of SequenceGaps)" = 0 ]
end
claim "the driver has it back in the end" soon 3 [ -c /dev/ttyACM0 ]
tell "after the daemon's end"

# A key that hears nothing any more, and everything that may be done about it.
order dead
echo "{user: root, sources: {key: {type: entropy-key, serial: $serial}}}" >/etc/tty.yaml
start --config /etc/tty.yaml
claim "a dead key: after everything was tried, a daemon that is root asks for a re-plug" \
    soon 120 said "the key gives no answer"
tell "after the start"
grep -E "recovery step|gives no answer" /tmp/log | sed 's/^/     /'
for step in reopen clear-halt rebind port-reset authorize power-cycle; do
    claim "$step was done with the real driver" said "$step done in"
done
order power-cycle
began=$(now)
claim "with power again: Running OK" soon 60 running
tell "after that"
end
claim "SIGTERM ends it in order" [ $? -eq 0 ]
unplug
[ $failures -eq 0 ] || cat /tmp/log /tmp/emulator
exit $failures
