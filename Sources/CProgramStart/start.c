// Runs before the Swift runtime's own initialisers, which wait for the kernel's first seed: wellspring feeds kernels, too.
// SPDX-License-Identifier: Apache-2.0
#include "program_start.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>

static char **slot;
static char *hidden;

// The runtime keys its hash function with a getrandom(2) that waits, unless this variable is set. Only where it would
// wait is it set: on a seeded kernel hash keys stay random. The runtime finds the arguments in front of the environment
// and only where the kernel laid them, so that this must not move, as setenv would have it: until main the variable takes
// the place of another one. (Without any other it waits.) Priority 101 is the first one free for programs; initialisers
// of a runtime that is linked statically run later, those of a shared one run before. glibc hands envp to constructors.
__attribute__((constructor(101))) static void start(int argc, char **argv, char **envp) {
    static char variable[] = "SWIFT_DETERMINISTIC_HASHING=1";
    char byte;
    (void)argc;
    (void)argv;
    if (getrandom(&byte, 1, GRND_NONBLOCK) >= 0 || errno != EAGAIN) return;
    for (slot = envp; *slot != NULL; slot++) {
        if (strncmp(*slot, "SWIFT_", 6) == 0) continue;
        hidden = *slot;
        *slot = variable;
        return;
    }
    slot = NULL;
}

void ws_program_restore_environment(void) {
    if (slot != NULL) *slot = hidden;
    slot = NULL;
}
