// Whether a million symbols can be tested in reasonable time.
// SPDX-License-Identifier: Apache-2.0

#if DEBUG
    let isOptimised = false
#else
    let isOptimised = true
#endif
