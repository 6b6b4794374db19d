// The ioctl numbers of /dev/random (linux/random.h), which are macros that Swift cannot import.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

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

/// Fills memory with the kernel's random bytes as good as they are now, and never waits for better ones:
/// for nonces, which need only be new. Where the kernel gives none (Linux before 5.6 without
/// /dev/urandom), the time stands in.
static inline void ws_random_insecure(void *bytes, size_t count) {
    size_t got = 0;
    while (got < count) {
        ssize_t more = getrandom((char *)bytes + got, count - got, 4 /* GRND_INSECURE */);
        if (more <= 0) break;
        got += (size_t)more;
    }
    if (got < count) {
        int device = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
        ssize_t more = device < 0 ? -1 : read(device, (char *)bytes + got, count - got);
        if (more > 0) got += (size_t)more;
        if (device >= 0) close(device);
    }
    if (got < count) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        for (size_t at = got; at < count; at++)
            ((unsigned char *)bytes)[at] = ((unsigned char *)&now)[at % sizeof now];
    }
}
