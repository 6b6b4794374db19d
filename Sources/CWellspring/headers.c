// The C target holds only headers; one translation unit is needed to make it a target.
// SPDX-License-Identifier: Apache-2.0
#include "cycles.h"
#include "cpu.h"
#include "memory.h"
#include "random_device.h"
#include "process.h"
#include "socket.h"
#include "havege.h"
