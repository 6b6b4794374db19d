// The inner loop of HAVEGE: table walks and branches whose time depends on caches, TLB and branch predictors.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "cycles.h"

// Swift gives no fixed code layout: this loop must occupy a chosen part of the instruction cache, so its copies are
// spelled out by the preprocessor. Design after Seznec and Sendrier, "HAVEGE" (ACM TOMACS 13(4), 2003).

/// Most copies of the step in the code; how many of them run is chosen by the caller.
#define WS_HAVEGE_COPIES 64

/// State of one collector. The table is not output: only the time stamps' differences leave this loop.
struct ws_havege {
    uint32_t *table;     // 2^n words
    uint32_t mask;       // words - 1
    uint32_t copies;     // 1 ... WS_HAVEGE_COPIES
    uint64_t walk;       // un-masked hash that drives pointer 1, its branch chain and the swap
    uint64_t counterwalk;// the same for pointer 2
    uint64_t last;       // last reading of the cycle counter
};

/// One level of a branch chain: taken with probability 1/2, only reached when the level before was taken.
#define WS_HAVEGE_BRANCH(bits, rest) if (bits & 1) { bits = (bits ^ 3) >> 1; ws_keep(); rest }
#define WS_HAVEGE_CHAIN(bits) \
    WS_HAVEGE_BRANCH(bits, WS_HAVEGE_BRANCH(bits, WS_HAVEGE_BRANCH(bits, WS_HAVEGE_BRANCH(bits, \
    WS_HAVEGE_BRANCH(bits, WS_HAVEGE_BRANCH(bits, WS_HAVEGE_BRANCH(bits, WS_HAVEGE_BRANCH(bits, \
    WS_HAVEGE_BRANCH(bits, WS_HAVEGE_BRANCH(bits, ))))))))))

/// Exchanges a word at pointer 1 with one at pointer 2, rotated and with the clock mixed in.
#define WS_HAVEGE_WORDS(i, j, turn) do { \
    uint32_t a = table[one ^ i], b = table[two ^ j]; \
    table[one ^ i] = ((b >> turn) | (b << (32 - turn))) ^ (uint32_t)last; \
    table[two ^ j] = ((a >> turn) | (a << (32 - turn))) ^ (uint32_t)last; \
    sum += a ^ b; } while (0)

/// Reads the clock and stores the time since the reading before: a raw sample.
#define WS_HAVEGE_SAMPLE do { \
    uint64_t now = ws_cycles(); *samples++ = now - last; last = now; \
    if (samples == end) goto done; } while (0)

/// The two walks are hashed by multiplication with odd constants (the 64-bit golden ratio, and the increment of
/// Steele's MIX13); the bits that drive branches come from the top, so they do not depend on the table's size.
#define WS_HAVEGE_STEP do { \
    bits = walk >> 54; WS_HAVEGE_CHAIN(bits) \
    one = (uint32_t)(walk >> 20) & mask; \
    two = ((uint32_t)(counterwalk >> 20) & mask & ~8u) | (~one & 8u); \
    if (walk >> 63) { uint32_t exchanged = one; one = two; two = exchanged; ws_keep(); } \
    WS_HAVEGE_WORDS(0, 0, 1); WS_HAVEGE_WORDS(1, 4, 3); WS_HAVEGE_WORDS(2, 2, 5); WS_HAVEGE_WORDS(3, 6, 7); \
    walk = (walk ^ sum ^ last) * 0x9E3779B97F4A7C15u + 1; \
    WS_HAVEGE_SAMPLE; \
    bits = counterwalk >> 54; WS_HAVEGE_CHAIN(bits) \
    WS_HAVEGE_WORDS(4, 1, 9); WS_HAVEGE_WORDS(5, 5, 11); WS_HAVEGE_WORDS(6, 3, 13); WS_HAVEGE_WORDS(7, 7, 15); \
    counterwalk = (counterwalk ^ (sum + bits) ^ last) * 0xBF58476D1CE4E5B9u + 1; \
    WS_HAVEGE_SAMPLE; } while (0);

#define WS_HAVEGE_CASE(n) case n: WS_HAVEGE_STEP __attribute__((fallthrough));
#define WS_HAVEGE_CASE4(n) \
    WS_HAVEGE_CASE(n + 4) WS_HAVEGE_CASE(n + 3) WS_HAVEGE_CASE(n + 2) WS_HAVEGE_CASE(n + 1)
#define WS_HAVEGE_CASE16(n) \
    WS_HAVEGE_CASE4(n + 12) WS_HAVEGE_CASE4(n + 8) WS_HAVEGE_CASE4(n + 4) WS_HAVEGE_CASE4(n)

/// Walks until `count` raw samples (differences of cycle counter readings) are stored.
static inline void ws_havege_collect(struct ws_havege *state, uint64_t *samples, size_t count) {
    uint32_t *table = state->table, mask = state->mask, one = 0, two = 8;
    uint64_t walk = state->walk, counterwalk = state->counterwalk, last = state->last, bits, sum = 0;
    uint64_t *end = samples + count;
    if (count == 0) return;
    for (;;) {
        switch (state->copies) {
            WS_HAVEGE_CASE16(48) WS_HAVEGE_CASE16(32) WS_HAVEGE_CASE16(16) WS_HAVEGE_CASE16(0)
            default: break;
        }
    }
done:
    state->walk = walk; state->counterwalk = counterwalk; state->last = last;
}
