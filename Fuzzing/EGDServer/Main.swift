// Fuzz target: the EGD server's loop under clients that do anything, checked against a model.
// SPDX-License-Identifier: Apache-2.0

internal import CFuzzing
internal import Glibc

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data else { return 0 }
    Scene.run(UnsafeRawBufferPointer(start: data, count: size))
    return 0
}

/// The package manager's name for this program's main.
@_cdecl("fuzz_egd_server_main")
public func start(
    _ count: Int32,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
    var count = count
    var arguments = arguments
    return LLVMFuzzerRunDriver(&count, &arguments) { testOneInput($0, $1) }
}
