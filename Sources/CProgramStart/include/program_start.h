// What wellspring does before main on a kernel that is not seeded yet, and how it is undone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Gives the environment back its entry in whose place a variable kept the runtime from waiting. To be called first in
/// main. Does nothing on a seeded kernel.
void ws_program_restore_environment(void);
