// What wellspring-feeder does before main, and the program arguments that the Swift runtime loses by it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Number of program arguments, the program's name included.
int ws_feeder_argument_count(void);

/// One program argument; NULL outside 0..<count.
const char *ws_feeder_argument(int index);

/// Takes the variable that held the runtime back out of the environment again.
void ws_feeder_restore_environment(void);
