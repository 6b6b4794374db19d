// The kernel's log, watched for the one line that tells a cloned virtual machine (/dev/kmsg).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Kernel messages, by default from now on. User space is told of a VM generation change in no other way.
package struct KernelLog: ~Copyable {
    /// Negative when nothing is watched, which poll(2) passes over.
    package let descriptor: Int32

    /// Opens the log when it is `wanted` and may be read (dmesg_restrict and containers forbid it).
    package init(wanted: Bool, fromStart: Bool = false) {
        descriptor = wanted ? open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1
        if descriptor >= 0 && !fromStart { lseek(descriptor, 0, Int32(SEEK_END)) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Takes all new records; true if one of them announces a fork of this virtual machine.
    package func takesForkNotice() -> Bool {
        var found = false
        // Bytes; the longest record that the kernel hands out (CONSOLE_EXT_LOG_MAX).
        var record = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(descriptor, &record, record.count)
            if count > 0 {
                found = found || KernelLog.announcesFork(record[..<count])
            } else if count == 0 || (errno != EINTR && errno != EPIPE) {
                // EAGAIN: all taken. EPIPE, which goes on: records were overwritten before we came.
                return found
            }
        }
    }

    /// A record is "PRIORITY,SEQUENCE,TIME,FLAGS;TEXT". Only the kernel's own facility (0, so a
    /// priority of one digit) counts: root's programs may write to the log, too.
    package static func announcesFork(_ record: ArraySlice<UInt8>) -> Bool {
        guard record.count > 2, record[record.startIndex + 1] == UInt8(ascii: ","),
            let text = record.firstIndex(of: UInt8(ascii: ";"))
        else { return false }
        return record[(text + 1)...].starts(with: forkNotice)
    }

    /// drivers/char/random.c since 5.18, as printed on a generation change.
    private static let forkNotice = Array("random: crng reseeded due to virtual machine fork".utf8)
}
