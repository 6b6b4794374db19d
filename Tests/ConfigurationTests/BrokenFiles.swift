// The table of broken files: each with the whole of what is said about it after its name.
// SPDX-License-Identifier: Apache-2.0

import Testing

struct BrokenFile: Sendable, CustomTestStringConvertible {
    let text: String
    let message: String
    var testDescription: String { message }

    init(_ text: String, _ message: String) {
        self.text = text
        self.message = message
    }
}

let brokenFiles = unknownKeys + brokenNumbers + brokenWords + brokenShapes + brokenEntries + notYAML

private let unknownKeys = [
    BrokenFile("resevoir: {}", #"1:1: resevoir: unknown key: did you mean "reservoir"?"#),
    BrokenFile("log: { lvel: info }", #"1:8: log.lvel: unknown key: did you mean "level"?"#),
    BrokenFile("log: { lebel: info }", #"1:8: log.lebel: unknown key: did you mean "level"?"#),
    BrokenFile("log: { colour: x }", "1:8: log.colour: unknown key: known here: level"),
    BrokenFile(
        "reservoir:\n  low_mark: 25%\n",
        #"2:3: reservoir.low_mark: unknown key: did you mean "low-mark"?"#
    ),
    BrokenFile(
        "drbg: { reseed-intervall: 1s }",
        #"1:9: drbg.reseed-intervall: unknown key: did you mean "reseed-interval"?"#
    ),
    BrokenFile(
        "sources: { jitter: { data-cache: 48KiB } }",
        "1:22: sources.jitter.data-cache: unknown key: "
            + "known here: type, enabled, claim, cpu-budget"
    ),
    BrokenFile(
        "listeners: { egd: { paht: /x } }",
        #"1:21: listeners.egd.paht: unknown key: did you mean "path"?"#
    ),
    BrokenFile(
        "control: { <<: 1 }",
        "1:12: control.<<: unknown key: known here: path, mode"
    ),
    BrokenFile(
        "\"a\\nb\": 1",
        "1:1: a?b: unknown key: known here: user, group, log, reservoir, credit, drbg, server, "
            + "sources, listeners, control, feeder"
    ),
]

private let brokenNumbers = [
    BrokenFile(
        "reservoir:\n  size: \"64 KB\"",
        #"2:9: reservoir.size: "64 KB" is not a size: write 64KiB, 64kB or a number of bytes"#
    ),
    BrokenFile(
        "reservoir: { size: 64k }",
        #"1:20: reservoir.size: "64k" is not a size: write 64KiB, 64kB or a number of bytes"#
    ),
    BrokenFile(
        "reservoir: { size: -1 }",
        #"1:20: reservoir.size: "-1" is not a size: write 64KiB, 64kB or a number of bytes"#
    ),
    BrokenFile(
        "reservoir: { size: 99999999999GiB }",
        #"1:20: reservoir.size: "99999999999GiB" is not a size: "#
            + "write 64KiB, 64kB or a number of bytes"
    ),
    BrokenFile(
        "reservoir: { size: 2GiB }",
        #"1:20: reservoir.size: "2GiB" is out of range: 4KiB...1GiB in steps of 64 bytes"#
    ),
    BrokenFile(
        "reservoir: { size: 65537 }",
        #"1:20: reservoir.size: "65537" is out of range: 4KiB...1GiB in steps of 64 bytes"#
    ),
    BrokenFile(
        "feeder: { block: 31 }",
        #"1:18: feeder.block: "31" is out of range: 32...512"#
    ),
    BrokenFile(
        "drbg: { reseed-interval: 60 }",
        #"1:26: drbg.reseed-interval: "60" is not a duration: write 500ms, 5s, 2min or 1h"#
    ),
    BrokenFile(
        "drbg: { reseed-interval: 1d }",
        #"1:26: drbg.reseed-interval: "1d" is not a duration: write 500ms, 5s, 2min or 1h"#
    ),
    BrokenFile(
        "drbg: { reseed-interval: 1m }",
        #"1:26: drbg.reseed-interval: "1m" is not a duration: write 500ms, 5s, 2min or 1h"#
    ),
    BrokenFile(
        "feeder: { interval: 2h }",
        #"1:21: feeder.interval: "2h" is out of range: 1s...1h"#
    ),
    BrokenFile(
        "reservoir: { low-mark: 25 }",
        #"1:24: reservoir.low-mark: "25" is not a fraction: write 0.5 or 50%"#
    ),
    BrokenFile(
        "reservoir: { low-mark: 101% }",
        #"1:24: reservoir.low-mark: "101%" is not a fraction: write 0.5 or 50%"#
    ),
    BrokenFile(
        "credit: { safety-factor: nan }",
        #"1:26: credit.safety-factor: "nan" is not a fraction: write 0.5 or 50%"#
    ),
    BrokenFile(
        "credit: { safety-factor: 0 }",
        #"1:26: credit.safety-factor: "0" is out of range: 0.01...1.0"#
    ),
    BrokenFile(
        "credit: { minimum-sources: 1.5 }",
        #"1:28: credit.minimum-sources: "1.5" is not a whole number: write 1"#
    ),
    BrokenFile(
        "credit: { minimum-sources: 9 }",
        #"1:28: credit.minimum-sources: "9" is out of range: 1...8"#
    ),
    BrokenFile(
        "sources: { cpu: { claim: 9 } }",
        #"1:26: sources.cpu.claim: "9" is out of range: 0.0...8.0"#
    ),
    BrokenFile(
        "sources: { cpu: { claim: 1e-3 } }",
        #"1:26: sources.cpu.claim: "1e-3" is not a number of bits: write 0.5"#
    ),
]

private let brokenWords = [
    BrokenFile(
        "sources: { cpu: { enabled: flase } }",
        #"1:28: sources.cpu.enabled: "flase" is neither true nor false: did you mean "false"?"#
    ),
    BrokenFile(
        "log: { level: warn }",
        #"1:15: log.level: "warn" is none of trace, debug, info, notice, warning, error, "#
            + #"critical: did you mean "warning"?"#
    ),
    BrokenFile(
        "log: { level: Info }",
        #"1:15: log.level: "Info" is none of trace, debug, info, notice, warning, error, "#
            + #"critical: did you mean "info"?"#
    ),
    BrokenFile(
        "feeder: { enabled: on }",
        #"1:20: feeder.enabled: "on" is none of auto, yes, no: did you mean "no"?"#
    ),
    BrokenFile(
        "feeder: { credit: 9 }",
        #"1:19: feeder.credit: "9" is none of assessed, none and a number of bits per byte "#
            + "from 0 to 8"
    ),
    BrokenFile(
        "listeners: { egd: { quality: full } }",
        #"1:30: listeners.egd.quality: "full" is none of full-entropy, drbg"#
    ),
    BrokenFile(
        "control: { mode: 660 }",
        #"1:18: control.mode: "660" is not a file mode: write four octal digits such as "0660""#
    ),
    BrokenFile(
        "control: { mode: \"0888\" }",
        #"1:18: control.mode: "0888" is not a file mode: write four octal digits such as "0660""#
    ),
    BrokenFile(
        "user: -wellspring",
        #"1:7: user: "-wellspring" is not the name of a user: write letters, digits, _, . and -"#
    ),
    BrokenFile(
        "group: a b",
        #"1:8: group: "a b" is not the name of a group: write letters, digits, _, . and -"#
    ),
    BrokenFile(
        "control: { path: control.sock }",
        #"1:18: control.path: "control.sock" is not an absolute path: begin it with /"#
    ),
    BrokenFile(
        "control: { path: /\(String(repeating: "x", count: 107)) }",
        #"1:18: control.path: "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" is out of range: "#
            + "absolute, at most 107 bytes"
    ),
]

private let brokenShapes = [
    BrokenFile("- user", "1:1: keys with values are expected here, not a list"),
    BrokenFile("wellspring", #"1:1: keys with values are expected here, not "wellspring""#),
    BrokenFile(
        "reservoir: 64KiB",
        #"1:12: reservoir: keys with values are expected here, not "64KiB""#
    ),
    BrokenFile(
        "reservoir: { size: [64KiB] }",
        "1:20: reservoir.size: one value is expected here, not a list or a mapping"
    ),
    BrokenFile(
        "sources: [jitter]",
        "1:10: sources: keys with values are expected here, not a list"
    ),
    BrokenFile("[a]: 1", "1:1: a key is expected here, not a list or a mapping"),
    BrokenFile(
        "user: !secret wellspring",
        #"1:7: user: the tag "!secret" has no meaning here: remove it"#
    ),
    BrokenFile("user: a\nuser: b", #"1:1: the key "user" is written more than once: keep one"#),
    BrokenFile(
        "log:\n  level: info\n  level: debug",
        #"2:3: the key "level" is written more than once: keep one"#
    ),
    BrokenFile(
        "sources: { yes: {type: jitter}, \"yes\": {type: cpu} }",
        #"1:33: sources: the key "yes" is written more than once: keep one"#
    ),
]

private let brokenEntries = [
    BrokenFile(
        "sources: { geiger: { path: /dev/ttyS1 } }",
        #"1:20: sources.geiger.type: missing: "geiger" is no type of source, so say one of "#
            + "jitter, havege, sleep, cpu, hwrng, entropy-key, stream, command, egd, kernel"
    ),
    BrokenFile(
        "sources: { geiger: { type: steam } }",
        #"1:28: sources.geiger.type: "steam" is none of jitter, havege, sleep, cpu, hwrng, "#
            + #"entropy-key, stream, command, egd, kernel: did you mean "stream"?"#
    ),
    BrokenFile(
        "sources: { geiger: { type: stream } }",
        "1:20: sources.geiger.path: missing: a source of type stream needs the path that it reads"
    ),
    BrokenFile(
        "sources: { script: { type: command, command: \"  \" } }",
        #"1:46: sources.script.command: "  " is not a command line: write what /bin/sh -c shall "#
            + "run"
    ),
    BrokenFile(
        "sources: { script: { type: command } }",
        "1:20: sources.script.command: missing: a source of type command needs the command line "
            + "that it runs"
    ),
    BrokenFile(
        "sources: { hub: { type: egd } }",
        "1:17: sources.hub.upstreams: missing: a source of type egd needs the servers that it reads "
            + "from, such as [tcp://10.0.0.1:8888]"
    ),
    BrokenFile(
        "sources: { egd: { upstreams: [] } }",
        "1:30: sources.egd.upstreams: missing: a source of type egd needs the servers that it reads "
            + "from, such as [tcp://10.0.0.1:8888]"
    ),
    BrokenFile(
        "sources: { egd: { upstreams: [/run/a, host:8888] } }",
        #"1:39: sources.egd.upstreams: "host:8888" is not a server's address: "#
            + "write tcp://HOST:PORT, tcp://[IPv6]:PORT or unix:/PATH"
    ),
    BrokenFile(
        "sources: { geiger: { type: stream, path: /dev/ttyS1, speed: fast } }",
        #"1:61: sources.geiger.speed: "fast" is not a whole number: write 50"#
    ),
    BrokenFile(
        "sources: { Geiger: { type: stream, path: /dev/ttyS1 } }",
        #"1:20: sources: "Geiger" is not a name: write 1 to 32 lower-case letters, digits and "#
            + "hyphens"
    ),
    BrokenFile(
        "sources: { entropy-key: { serial: NwBvBlg3OTBJORF } }",
        #"1:35: sources.entropy-key.serial: "NwBvBlg3OTBJORF" is no serial number of an Entropy "#
            + "Key: write 16 characters such as NwBvBlg3OTBJORFD"
    ),
    BrokenFile(
        "sources: { entropy-key: { temperature: 70...0 } }",
        #"1:40: sources.entropy-key.temperature: "70...0" is no range: write two numbers such as "#
            + "0...70, the smaller one first"
    ),
    BrokenFile(
        "sources: { entropy-key: { voltage: 2...9 } }",
        #"1:36: sources.entropy-key.voltage: "2...9" is out of range: 0.0...6.0"#
    ),
    BrokenFile(
        "sources: { entropy-key: { recovery: re-open } }",
        #"1:37: sources.entropy-key.recovery: "re-open" is none of none, reopen, clear-halt, "#
            + #"rebind, port-reset, authorize, power-cycle: did you mean "reopen"?"#
    ),
    BrokenFile(
        "sources: { kernel: { claim: 1 } }",
        "1:29: sources.kernel.claim: the kernel's own output is never credited: remove the claim"
    ),
    BrokenFile(
        "sources: {}",
        "1:10: sources: no source is left: enable one, or remove the key to use what there is"
    ),
    BrokenFile(
        "sources: { kernel: {} }",
        "1:10: sources: credit.minimum-sources is 1, but only 0 of these sources can be credited: "
            + "no block would ever be complete"
    ),
    BrokenFile(
        "credit: { minimum-sources: 3 }\nsources: { jitter: , cpu: , sleep: { enabled: false } }",
        "2:10: sources: credit.minimum-sources is 3, but only 2 of these sources can be credited: "
            + "no block would ever be complete"
    ),
    BrokenFile(
        "listeners: { egd: , other: { path: /run/wellspring/egd.sock } }",
        #"1:12: listeners.other.path: "/run/wellspring/egd.sock" is the path of listeners.egd, "#
            + "too: every socket needs its own"
    ),
    BrokenFile(
        "listeners: { control: }",
        #"1:12: listeners.control.path: "/run/wellspring/control.sock" is the path of control, "#
            + "too: every socket needs its own"
    ),
    BrokenFile(
        "listeners: { drbg: }\nfeeder: { enabled: yes }",
        "2:9: feeder.enabled: the feeder takes its blocks from a full-entropy Unix listener without "
            + "greeting, and there is none: add one or write no"
    ),
    BrokenFile(
        "listeners: { rack: { address: \"192.0.2.1:8888\" } }",
        "1:31: listeners.rack.address: 192.0.2.1:8888 can be reached from other machines, and EGD has "
            + "neither encryption nor passwords: say who may connect, such as allow: [192.0.2.0/24]"
    ),
    BrokenFile(
        "listeners: { rack: { address: \"0.0.0.0:8888\", allow: [] } }",
        "1:31: listeners.rack.address: 0.0.0.0:8888 can be reached from other machines, and EGD has "
            + "neither encryption nor passwords: say who may connect, such as allow: [192.0.2.0/24]"
    ),
    BrokenFile(
        "listeners: { rack: { address: 8888, path: /run/x } }",
        "1:31: listeners.rack.address: a listener has a path or an address, not both: make two of it"
    ),
    BrokenFile(
        "listeners: { rack: { address: 8888, mode: \"0666\" } }",
        "1:43: listeners.rack.mode: only a Unix socket has this: remove it, or give a path"
    ),
    BrokenFile(
        "listeners: { egd: { allow: 10.0.0.0/8 } }",
        "1:28: listeners.egd.allow: only a TCP socket has this: remove it, or give an address"
    ),
    BrokenFile(
        "listeners: { rack: { address: 8888, allow: [10.0.0.1/8, \"::1\"] } }",
        #"1:45: listeners.rack.allow: "10.0.0.1/8" is no range of addresses: write 192.0.2.7, "#
            + #"192.0.2.0/24 or "2001:db8::/32", without bits after the prefix"#
    ),
    BrokenFile(
        "listeners: { rack: { address: localhost:8888 } }",
        #"1:31: listeners.rack.address: "localhost:8888" is no address with a port: write "#
            + #"127.0.0.1:8888, "[::1]:8888" or 8888"#
    ),
    BrokenFile(
        "listeners: { egd: { greeting: 256, client-burst: 1kB } }",
        #"1:31: listeners.egd.greeting: "256" is out of range: 0...255"#
    ),
    BrokenFile(
        "listeners: { egd: { client-burst: 1kB } }",
        "1:35: listeners.egd.client-burst: there is no client-rate that it belongs to: add one, or "
            + "remove this"
    ),
    BrokenFile(
        "listeners: { a: { address: 8888 }, b: { address: \"127.0.0.1:8888\" } }",
        #"1:12: listeners.b.address: "127.0.0.1:8888" is the address of listeners.a, too: every "#
            + "socket needs its own"
    ),
    BrokenFile(
        "server: { threads: 9 }",
        #"1:20: server.threads: "9" is out of range: auto|1...8"#
    ),
]

private let notYAML = [
    BrokenFile("log:\n\tlevel: info", "2:1: a tab in the indentation: indent with spaces"),
    BrokenFile("log:\n  \tlevel: info", "2:3: a tab in the indentation: indent with spaces"),
    BrokenFile(
        "user: a\n---\nuser: b",
        "2:1: a second document begins: one file is one configuration"
    ),
    BrokenFile("user: *nobody", "1:7: is not YAML: found undefined alias"),
    BrokenFile(
        "log: { level: info\n",
        "2:1: is not YAML: did not find expected ',' or '}' while parsing a flow mapping (line 1)"
    ),
    BrokenFile(
        "user: \"a",
        "1:9: is not YAML: found unexpected end of stream while scanning a quoted scalar (line 1)"
    ),
    BrokenFile(
        "user: a\n b: c",
        "2:3: is not YAML: mapping values are not allowed in this context"
    ),
    BrokenFile("user: a\u{0}", "1:8: the character U+0000 may not stand in YAML: remove it"),
    BrokenFile(
        "# ok\nuser: \u{1B}[1m",
        "2:7: the character U+001B may not stand in YAML: remove it"
    ),
]
