// The processor's own generators and identification.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Inline assembly: the compiler's intrinsics for these instructions cannot be called from Swift.

/// One 64-bit RDSEED (x86) or RNDRRS (aarch64). False when none was ready; `value` is then meaningless.
/// Executing it on a processor without the instruction is fatal: ask /proc/cpuinfo first.
static inline bool ws_seed64(uint64_t *value) {
#if defined(__x86_64__)
    bool ready;
    __asm__ volatile("rdseed %0\n\tsetc %1" : "=r"(*value), "=qm"(ready) : : "cc");
    return ready;
#elif defined(__aarch64__)
    bool ready;
    __asm__ volatile("mrs %0, s3_3_c2_c4_1\n\tcset %w1, ne" : "=r"(*value), "=r"(ready) : : "cc");
    return ready;
#else
    *value = 0;
    return false;
#endif
}

/// One 64-bit RDRAND (x86) or RNDR (aarch64). Same contract as `ws_seed64`.
static inline bool ws_random64(uint64_t *value) {
#if defined(__x86_64__)
    bool ready;
    __asm__ volatile("rdrand %0\n\tsetc %1" : "=r"(*value), "=qm"(ready) : : "cc");
    return ready;
#elif defined(__aarch64__)
    bool ready;
    __asm__ volatile("mrs %0, s3_3_c2_c4_0\n\tcset %w1, ne" : "=r"(*value), "=r"(ready) : : "cc");
    return ready;
#else
    *value = 0;
    return false;
#endif
}

/// CPUID leaf and subleaf into registers[0...3] = eax, ebx, ecx, edx. False on other architectures.
static inline bool ws_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t *registers) {
#if defined(__x86_64__)
    __asm__ volatile("cpuid"
                     : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]),
                       "=d"(registers[3])
                     : "a"(leaf), "c"(subleaf));
    return true;
#else
    (void)leaf; (void)subleaf; (void)registers;
    return false;
#endif
}
