// Descriptors that a careless parent left open.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring

/// Closes everything but standard input, output and error: what a daemon does not know, it must not
/// hold. To be called first, before anything is opened.
package func closeInheritedDescriptors() {
    ws_close_from(3)
}
