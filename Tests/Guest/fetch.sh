#!/bin/bash
# Brings the programs and kernels that tests boot and talk to from Debian into a cache folder: fetch.sh [uml|qemu|usb|haproxy|ekeyd|entropy-key|libvirt|rngtest]
# SPDX-License-Identifier: Apache-2.0
#
#   uml      Linux 5.10.46 as an ordinary program (User Mode Linux), a static busybox, cpio
#   qemu     QEMU 10 with every library it needs, Debian's 6.1 cloud kernel and its virtio modules
#   usb      Debian's full 6.1 kernel, its modules for an emulated USB device, libusb, udev's daemon
#   haproxy  HAProxy with every library it needs
#   ekeyd    ekeyd-egd-linux, the Entropy Key's own client
#   entropy-key  ekeyd, the Entropy Key's own daemon, with ekey-setkey and every library they need
#   rngtest  rngtest of rng-tools5, whose package enables a service
#   libvirt  virsh with libvirt's driver for QEMU, its schemas and every library it needs
#
# Nothing is installed and the system's apt configuration is not touched: apt runs with its own
# sources, lists, cache and, for what brings its libraries, its own empty list of installed packages
# below ${WS_VM_CACHE:-${XDG_CACHE_HOME:-~/.cache}/wellspring-vm}, and the packages are unpacked with
# dpkg-deb: no start-up script of theirs runs. Needs apt, dpkg-deb, xz and the Debian archive keyring.
# Later calls return at once. Prints the folder. What brings its libraries is started with the
# folder's own loader, see ./loader there.
#   WS_DEB_MIRROR=http://...   address of a Debian mirror (default: this system's, else deb.debian.org)
set -euo pipefail

what=${1:-uml}
cache=${WS_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wellspring-vm}/$what
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# bullseye's user-mode-linux is 5.10.46: the last packaged kernel from before the random driver was
# rewritten (5.18 and its back-ports), so its pool has 4096 bits and /dev/random blocks at boot.
old_suite=bullseye
suite=bookworm

case $what in
    uml | qemu | usb | haproxy | ekeyd | entropy-key | libvirt | rngtest) ;;
    *) echo "fetch.sh: there is no $what to fetch" >&2; exit 64 ;;
esac

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

# use NAME SUITE...: an apt state of its own; what is named first is a suite, "security" the fixes of $suite.
use() {
    state=$work/$1
    shift
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs" "$work/root"
    local name
    for name; do
        case $name in
            security) echo "deb [arch=amd64 signed-by=$keyring] $mirror-security $suite-security main" ;;
            *) echo "deb [arch=amd64 signed-by=$keyring] $mirror $name main" ;;
        esac
    done > "$state/sources.list"
    : > "$state/status"
    cat > "$state/apt.conf" <<CONF
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$state";
Dir::State::lists "$state/lists";
Dir::State::status "$state/status";
Dir::Cache "$state/cache";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
APT::Architecture "amd64";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
CONF
    export APT_CONFIG=$state/apt.conf
    apt-get -qq update >&2
}

unpack() {
    local package
    for package in "$@"; do dpkg-deb -x "$package" "$work/root"; done
}

# alone PACKAGE...: these packages and nothing that they depend on, into $work/root.
alone() {
    (cd "$state/debs" && apt-get -qq download "$@" >&2)
    unpack "$state"/debs/*.deb
}

# kernel METAPACKAGE MODULE...: the newest image that it names, and its modules, in the order in which they
# are to be loaded; what is built in has no file.
kernel() {
    local image module file number=10
    image=$(apt-cache show --no-all-versions "$1" |
        sed -n 's/^Depends: .*\(linux-image-[0-9][^ ,]*\).*/\1/p')
    shift
    alone "${image:?the kernel package names no image}"
    install -m 644 "$work"/root/boot/vmlinuz-* "$cache/vmlinuz"
    mkdir -p "$cache/modules"
    for module; do
        file=$(find "$work/root/lib/modules" -name "$module.ko*")
        case $file in
            '') continue ;;
            *.xz) xz -dc "$file" > "$cache/modules/$number-$module.ko" ;;
            *) cp "$file" "$cache/modules/$number-$module.ko" ;;
        esac
        number=$((number + 1))
    done
}

# complete [OPTION...] PACKAGE...: with all that they depend on down to the C library, into $work/root.
complete() {
    apt-get -qq -y --download-only install "$@" >&2
    unpack "$state"/cache/archives/*.deb
    rm -rf "$work"/root/usr/share/{bash-completion,doc,info,locale,man}
    mv "$work/root" "$cache/root"
    cat > "$cache/loader" <<'LOADER'
#!/bin/sh
# Starts a program of this folder with this folder's own libraries: loader PROGRAM ARGUMENT...
root=$(dirname "$0")/root
program=$1
shift
exec "$root/lib64/ld-linux-x86-64.so.2" --library-path \
    "$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu:$root/usr/lib:$root/lib" \
    "$root/$program" "$@"
LOADER
    chmod 755 "$cache/loader"
}

rm -rf "$cache/root" "$cache/modules"
case $what in
    uml)
        use old "$old_suite"
        alone user-mode-linux
        use tools "$suite"
        alone busybox-static cpio
        install -m 755 "$work/root/usr/bin/linux.uml" "$cache/linux.uml"
        install -m 755 "$work/root/bin/busybox" "$cache/busybox"
        install -m 755 "$work/root/bin/cpio" "$cache/cpio"
        ;;
    qemu)
        # 10.0 and not bookworm's own 7.2, whose emulation corrupts the flags register now and then.
        use machine "$suite" "$suite-backports" security
        complete -t "$suite-backports" qemu-system-x86
        use kernel "$suite" security
        kernel linux-image-cloud-amd64 virtio_ring virtio virtio_pci_legacy_dev \
            virtio_pci_modern_dev virtio_pci rng-core virtio-rng
        ls "$cache"/modules/*-virtio-rng.ko > /dev/null
        ;;
    usb)
        use kernel "$suite" security
        kernel linux-image-amd64 usb-common usbcore udc-core dummy_hcd cdc-acm configfs \
            libcomposite u_serial usb_f_acm g_serial
        ls "$cache"/modules/*-{dummy_hcd,cdc-acm,g_serial}.ko > /dev/null
        use library "$suite" security
        alone libusb-1.0-0 libudev1 libkmod2 udev
        mkdir -p "$cache/lib"
        for library in libusb-1.0.so.0 libudev.so.1 libkmod.so.2; do
            find "$work/root" -name "$library" -exec cp -L {} "$cache/lib/" \;
        done
        ls "$cache"/lib/{libusb-1.0.so.0,libudev.so.1,libkmod.so.2} > /dev/null
        install -m 755 "$work/root/bin/udevadm" "$cache/systemd-udevd"
        ;;
    haproxy)
        # Unpacked and not installed also for this: the package enables a service.
        use balancer "$suite" security
        complete haproxy
        ;;
    ekeyd)
        use client "$suite"
        alone ekeyd-egd-linux
        install -m 755 "$work/root/usr/sbin/ekeyd-egd-linux" "$cache/ekeyd-egd-linux"
        ;;
    entropy-key)
        # Unpacked and not installed: the package starts a service and takes every key.
        use keys "$suite"
        complete ekeyd
        ;;
    rngtest)
        use tester "$suite"
        alone rng-tools5
        install -m 755 "$work/root/usr/bin/rngtest" "$cache/rngtest"
        ;;
    libvirt)
        use manager "$suite" security
        complete libvirt-clients libvirt-daemon-driver-qemu
        ;;
esac
touch "$cache/.complete"
echo "$cache"
