// Runs before the Swift runtime's own initialisers, which would otherwise wait for the kernel that this program is to seed.
// SPDX-License-Identifier: Apache-2.0
#include "feeder_start.h"
#include <stdlib.h>

static int count;
static char **arguments;

// The runtime keys its hash function with a getrandom(2) that waits for the kernel's first seed, unless
// this variable is set. No hash table here has keys from outside. Priority 101 is the first one free for
// programs; unnumbered initialisers, such as the runtime's, run later. glibc hands argc and argv to
// constructors, and they are kept because setenv moves the environment by which the runtime looks for them.
__attribute__((constructor(101))) static void start(int argc, char **argv) {
    count = argc;
    arguments = argv;
    setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1);
}

int ws_feeder_argument_count(void) { return count; }

const char *ws_feeder_argument(int index) {
    return index >= 0 && index < count ? arguments[index] : NULL;
}

void ws_feeder_restore_environment(void) { unsetenv("SWIFT_DETERMINISTIC_HASHING"); }
