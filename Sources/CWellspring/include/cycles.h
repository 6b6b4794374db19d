// The finest clock a program may read without a system call, and the cache control that noise collection needs.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <time.h>

// Swift has no inline assembly; every function here is one or two instructions.

/// Reads the cycle counter: TSC on x86, CNTVCT_EL0 on aarch64, CLOCK_MONOTONIC in nanoseconds elsewhere.
/// The read is not serialising: neighbouring instructions may overlap it.
static inline uint64_t ws_cycles(void) {
#if defined(__x86_64__)
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return ((uint64_t)high << 32) | low;
#elif defined(__aarch64__)
    uint64_t value;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value) : : "memory");
    return value;
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
#endif
}

/// Writes the cache line at `address` back and drops it from every cache level, so that the next load reaches memory.
/// Does nothing where user space has no such instruction.
static inline void ws_flush_line(const void *address) {
#if defined(__x86_64__)
    __asm__ volatile("clflush (%0)" : : "r"(address) : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("dc civac, %0" : : "r"(address) : "memory");
#else
    (void)address;
#endif
}

/// Stops the compiler from turning the branch around it into arithmetic or from removing the work before it.
static inline void ws_keep(void) {
    __asm__ volatile("" : : : "memory");
}
