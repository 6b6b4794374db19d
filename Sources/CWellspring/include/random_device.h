// The ioctl numbers of /dev/random (linux/random.h), which are macros that Swift cannot import.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/random.h>
#include <sys/ioctl.h>
#include <sys/random.h>

/// int *: bits currently in the pool. Anyone may ask.
static const unsigned long WS_RNDGETENTCNT = RNDGETENTCNT;
/// struct rand_pool_info *: mixes bytes and credits bits. CAP_SYS_ADMIN.
static const unsigned long WS_RNDADDENTROPY = RNDADDENTROPY;
/// No argument: rekeys the output generator from the pool (Linux 4.14). CAP_SYS_ADMIN.
#ifdef RNDRESEEDCRNG
static const unsigned long WS_RNDRESEEDCRNG = RNDRESEEDCRNG;
#else
static const unsigned long WS_RNDRESEEDCRNG = _IO('R', 0x07);
#endif
/// getrandom flag: do not wait for the first seed (EAGAIN instead).
static const unsigned int WS_GRND_NONBLOCK = 1;
