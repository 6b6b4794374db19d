// Compiles every header once by itself, so that its warnings are seen.
// SPDX-License-Identifier: Apache-2.0
#include "cycles.h"
#include "cpu.h"
#include "memory.h"
#include "random_device.h"
#include "process.h"
#include "socket.h"
#include "havege.h"
#include "libusb.h"
#include "uevent.h"
#include "usbfs.h"
