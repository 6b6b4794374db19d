// For LD_PRELOAD: lets a feeder of the kernel believe that /dev/random wants entropy, and writes down what it would get.
// SPDX-License-Identifier: Apache-2.0
//
// poll(2) for POLLOUT on /dev/random succeeds at once as often as POLLOUT_TIMES says, which a kernel from
// 5.18 on never lets it; then it is the real one. RNDADDENTROPY does not reach the kernel but standard
// output: "RNDADDENTROPY bits=N bytes=HEX".
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int isRandom(int descriptor) {
    struct stat facts;
    return fstat(descriptor, &facts) == 0 && S_ISCHR(facts.st_mode) && facts.st_rdev == makedev(1, 8);
}

int poll(struct pollfd *entries, nfds_t count, int limit) {
    static long left = -1;
    int (*real)(struct pollfd *, nfds_t, int) = dlsym(RTLD_NEXT, "poll");
    if (left < 0) {
        const char *times = getenv("POLLOUT_TIMES");
        left = times ? atol(times) : 0;
    }
    for (nfds_t i = 0; i < count; i++) {
        if (!(entries[i].events & POLLOUT) || !isRandom(entries[i].fd)) continue;
        if (left == 0) {
            puts("POLLOUT is over");
            fflush(stdout);
            break;
        }
        left--;
        int ready = real(entries, count, 0);
        if (ready < 0) return ready;
        if (entries[i].revents == 0) ready++;
        entries[i].revents |= POLLOUT;
        return ready;
    }
    return real(entries, count, limit);
}

int ioctl(int descriptor, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (request == RNDADDENTROPY && isRandom(descriptor)) {
        const struct rand_pool_info *info = argument;
        printf("RNDADDENTROPY bits=%d bytes=", info->entropy_count);
        for (int i = 0; i < info->buf_size; i++) printf("%02x", ((const unsigned char *)info->buf)[i]);
        puts("");
        fflush(stdout);
        return 0;
    }
    int (*real)(int, unsigned long, void *) = dlsym(RTLD_NEXT, "ioctl");
    return real(descriptor, request, argument);
}
