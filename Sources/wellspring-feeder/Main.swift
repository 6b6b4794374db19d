// wellspring-feeder: the one process that feeds the kernel.
// SPDX-License-Identifier: Apache-2.0

internal import CFeederStart
internal import Feeder
internal import Glibc

@main
struct Main {
    static func main() {
        ws_feeder_restore_environment()
        // CommandLine.arguments is empty in this program; see CFeederStart.
        let arguments = (1..<max(1, ws_feeder_argument_count())).compactMap { index in
            ws_feeder_argument(index).map { String(cString: $0) }
        }
        exit(FeederProgram.run(arguments: arguments))
    }
}
