// Memory for secrets: locked, left out of core dumps, wiped in forked children, wiped on release.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#define _DEFAULT_SOURCE 1
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

// Linux 4.14; absent from older libc headers.
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

/// Maps `byte_count` bytes of zeroed private memory; NULL on failure, with errno. Swift cannot express MAP_FAILED.
static inline void *ws_secret_map(size_t byte_count) {
    void *region = mmap(NULL, byte_count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return region == MAP_FAILED ? NULL : region;
}

/// Keeps the region out of core dumps and out of forked children (they see zeros). False if the kernel refused either.
static inline bool ws_secret_hide(void *region, size_t byte_count) {
    int dump = madvise(region, byte_count, MADV_DONTDUMP);
    int fork = madvise(region, byte_count, MADV_WIPEONFORK);
    return dump == 0 && fork == 0;
}

/// Drops the resident pages of a clean file mapping; MADV_DONTNEED sits behind feature macros.
static inline int ws_release_pages(void *region, size_t byte_count) {
    return madvise(region, byte_count, MADV_DONTNEED);
}

/// Overwrites with zeros in a way the optimiser must keep. The symbol is hidden from Swift by feature macros.
static inline void ws_wipe(void *region, size_t byte_count) {
    memset(region, 0, byte_count);
    __asm__ volatile("" : : "r"(region) : "memory");
}

/// Overwrites the stack that deeper calls have used, where cipher libraries leave expanded keys. Swift has no say over the
/// place of its own frames. 8 KiB: in a debug build, with the largest frames, an AES key was found between 4 and 8 KiB down.
__attribute__((noinline)) static void ws_wipe_stack(void) {
    unsigned char area[8192];
    ws_wipe(area, sizeof area);
}
