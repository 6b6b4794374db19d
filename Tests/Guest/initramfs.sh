# What the runners share: the guest's file system. To be sourced.
# SPDX-License-Identifier: Apache-2.0

# lay_out ROOT BUSYBOX PAYLOAD: a root whose first process runs the payload.
lay_out() {
    mkdir -p "$1/bin" "$1/ws" "$1/dev"
    cp "$2" "$1/bin/busybox"
    cp "$(dirname "${BASH_SOURCE[0]}")/init" "$1/init"
    chmod 755 "$1/init"
    cp "$3" "$1/ws/payload"
}

# add_program ROOT PROGRAM: without symbols, with its libraries and their loader, unless it is static.
add_program() {
    cp "$2" "$1/ws/"
    strip "$1/ws/$(basename "$2")"
    add_needed "$1" "$2"
}

# add_library ROOT LIBRARY FOLDER: into that folder of the guest, with what it needs.
add_library() {
    add_needed "$1" "$2"
    install -D -m 755 -t "$1/$3" "$2"
}

# What the loader of this machine would load for it.
add_needed() {
    local library
    { ldd "$2" 2>/dev/null || true; } | sed -n 's#^[^/]*\(/[^ ]*\) .*#\1#p' |
        while read -r library; do install -D -m 755 "$library" "$1/$library"; done
}

# pack ROOT CPIO: the archive, to standard output.
pack() { (cd "$1" && find . | "$2" -o -H newc --quiet -R 0:0); }
