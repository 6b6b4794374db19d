// An ekeyd.conf as administrators have it: every call with its comment.
// SPDX-License-Identifier: Apache-2.0

let ekeydSample = """
    -- The Entropy Key daemon's configuration. This is Lua.

    -- Where ekeydctl finds the daemon
    -- TCPControlSocket "1234"
    UnixControlSocket "/var/run/ekeyd.sock"

    -- The long-term keys of the devices
    Keyring "/etc/entropykey/keyring"

    -- Whether to go into the background
    Daemonise(true);

    --[[ One output. Either the kernel, with so many bits
         per byte, ]]
    SetOutputToKernel(7)

    --[==[ or sockets:
    EGDUnixSocket("/etc/entropykey/egd.sock", "0660", "root", "users")
    EGDTCPSocket(8888, "127.0.0.1") ]==]

    -- The devices
    AddEntropyKeys "/var/run/entropykeys"
    AddEntropyKeys('/dev/entropykey')
    """
