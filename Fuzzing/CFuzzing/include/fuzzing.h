// The entry of libFuzzer for programs that have a main of their own (llvm.org/docs/LibFuzzer.html).
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

/// One input; each fuzz target defines it.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one_input)(const uint8_t *data, size_t size));
