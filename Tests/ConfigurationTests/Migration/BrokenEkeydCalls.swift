// Calls that ekeyd.conf cannot have, and the exact words that people read about them.
// SPDX-License-Identifier: Apache-2.0

private let program =
    "makes the file a program, and only plain calls can be translated: write out the calls that it "
    + "leads to, and remove it"
private let notPlain =
    "only plain values can be translated, separated by commas: write the text or number itself"
private let statement =
    #"a call such as Keyring("/etc/entropykey/keyring") is expected here: remove what stands here, or "#
    + "make it a comment with --"
private let secondOutput =
    "an output is chosen already, and ekeyd, too, ends here: keep either SetOutputToKernel or one "
    + "EGDUnixSocket with one EGDTCPSocket"
private let backslash =
    #"the versions of Lua do not agree on what this backslash means: write \\ for a backslash, and "#
    + "other characters as they are"

let brokenCalls: [(text: String, message: String)] = [
    // What makes Lua a language
    ("local path = '/k'", #"1:1: "local" \#(program)"#),
    ("-- a comment\nif true then", #"2:1: "if" \#(program)"#),
    ("function f()", #"1:1: "function" \#(program)"#),
    (
        "path = '/k'",
        #"1:6: "path" is set as a variable: write its value where it is used, and remove this line"#
    ),
    (
        "Keyring(path)",
        #"1:9: "path" is a variable or another call: write the value itself, text in quotes"#
    ),
    ("Keyring('/etc' .. '/k')", "1:16: \(notPlain)"),
    ("SetOutputToKernel(3 + 4)", "1:21: \(notPlain)"),
    ("Keyring({'/k'})", "1:9: \(notPlain)"),
    ("Keyring{'/k'}", "1:8: \(notPlain)"),
    ("Keyring(not nil)", "1:9: \(notPlain)"),
    ("Keyring('/k',)", "1:14: \(notPlain)"),
    ("Keyring('/k')('/l')", "1:14: \(statement)"),
    ("'/k'", "1:1: \(statement)"),
    (
        "Daemonise\nKeyring('/k')",
        #"1:1: a value in parentheses is expected after "Daemonise": write Daemonise(VALUE), or make "#
            + "the line a comment with --"
    ),
    ("Keyring('/k'", #"1:8: this parenthesis is never closed: add ")""#),
    (
        "\n  Keyring('/k)",
        "2:11: the text that begins here has no end: close it with its quotation mark"
    ),
    ("Keyring[[/k]", "1:8: the text that begins here has no end: close it with ]]"),
    (
        "--[==[ all\nKeyring('/k') ]]",
        "1:1: the comment that begins here has no end: close it with ]==]"
    ),
    (#"Keyring "/k\x41""#, "1:12: \(backslash)"),
    (#"Keyring "/k\300""#, #"1:12: \300 is no byte: write 0 to 255"#),
    ("Keyring \"/k\\0\"", "1:9: this text is not UTF-8 without NUL bytes: save the file as UTF-8"),
    ("SetOutputToKernel(7x)", #"1:19: "7x" is not a number: write digits, such as 8888"#),
    // What ekeyd does not know
    ("Keyrings('/k')", #"1:1: "Keyrings" is no call of ekeyd: did you mean Keyring?"#),
    (
        "dofile('/k')",
        #"1:1: "dofile" is no call of ekeyd: ekeyd knows UnixControlSocket, TCPControlSocket, Keyring, "#
            + "Daemonise, SetOutputToKernel, EGDUnixSocket, EGDTCPSocket, SetOutputToFile, "
            + "AddEntropyKey, AddEntropyKeys"
    ),
    ("Shutdown()", "1:1: Shutdown is a command for a running ekeyd and no setting: remove it"),
    (
        "RemoveEntropyKey('1')",
        "1:1: RemoveEntropyKey is a command for a running ekeyd and no setting: remove it"
    ),
    // Values
    ("Keyring()", "1:1: Keyring needs a path: add it"),
    ("Keyring(nil)", "1:9: Keyring needs a path: add it"),
    ("Keyring('k')", #"1:9: "k" is not an absolute path: begin it with /"#),
    ("Keyring(true)", "1:9: true and false are no value here: write text or a number"),
    ("Keyring('/k', '/l')", "1:15: Keyring takes one value: remove what is too many"),
    ("UnixControlSocket('/run/')", #"1:19: "/run/" is out of range: absolute, at most 107 bytes"#),
    ("TCPControlSocket(65536)", #"1:18: "65536" is out of range: 1...65535"#),
    ("TCPControlSocket('http')", #"1:18: "http" is not a whole number: write 1"#),
    ("Daemonise(1)", "1:11: Daemonise needs true or false: write one of them"),
    ("SetOutputToKernel(9)", #"1:19: "9" is out of range: 0.0...8.0"#),
    ("SetOutputToKernel(-1)", #"1:19: "-1" is not a number of bits: write 0.5"#),
    (
        "EGDUnixSocket('/e', 'rw')",
        #"1:21: "rw" is not a file mode: write four octal digits such as "0660""#
    ),
    (
        "EGDUnixSocket('/e', '0660', 'a b')",
        #"1:29: "a b" is not the name of a user: write letters, digits, _, . and -"#
    ),
    (
        "EGDTCPSocket(8888, 'host.example')",
        #"1:20: "host.example" is not a numeric address: write one, such as 127.0.0.1"#
    ),
    (
        "AddEntropyKey('/dev/ttyACM0', 'short')",
        #"1:31: "short" is not a serial number: write the 16 characters that are printed on the key"#
    ),
    // Outputs
    (
        "SetOutputToFile('/f')",
        "1:1: Wellspring as a service writes to no file: remove this call, and start wellspring read "
            + "--endless --quality full-entropy --output FILE where a file is needed"
    ),
    ("SetOutputToKernel(7)\nSetOutputToKernel(7)", "2:1: \(secondOutput)"),
    ("SetOutputToKernel(7)\nEGDTCPSocket(8888)", "2:1: \(secondOutput)"),
    ("EGDUnixSocket('/a')\nEGDUnixSocket('/b')", "2:1: \(secondOutput)"),
    ("EGDUnixSocket('/a')\nEGDTCPSocket(1)\nSetOutputToKernel()", "3:1: \(secondOutput)"),
]
