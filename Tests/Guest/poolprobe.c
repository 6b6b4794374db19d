// Watches and drains the random pool of the test guest: what busybox cannot do.
// SPDX-License-Identifier: Apache-2.0
//
//   poolprobe release PROGRAM ARGUMENT...   one reader blocks on /dev/random; how long after exec of
//                                           the program is it released?
//   poolprobe drain SECONDS                 takes 256 bits out every 100 ms and reads /dev/random
//                                           meanwhile; how deep and how long does the pool fall?
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef RNDRESEEDCRNG
#define RNDRESEEDCRNG _IO('R', 0x07)
#endif

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static int available(int device) {
    int bits = -1;
    return ioctl(device, RNDGETENTCNT, &bits) == 0 ? bits : -1;
}

static int threshold(void) {
    int bits = -1;
    FILE *file = fopen("/proc/sys/kernel/random/write_wakeup_threshold", "r");
    if (!file || fscanf(file, "%d", &bits) != 1) bits = -1;
    if (file) fclose(file);
    return bits;
}

// Exit status 0 if the reader was blocked for a second and then released.
static int release(char **program) {
    int ends[2];
    if (pipe(ends)) return 1;
    pid_t reader = fork();
    if (reader == 0) {
        char bytes[16];
        int device = open("/dev/random", O_RDONLY);
        double at = read(device, bytes, sizeof bytes) == sizeof bytes ? milliseconds() : -1;
        _exit(write(ends[1], &at, sizeof at) == sizeof at ? 0 : 1);
    }
    struct pollfd wait = {ends[0], POLLIN, 0};
    if (poll(&wait, 1, 1000) != 0) { puts("release blocked=no"); return 1; }
    double start = milliseconds(), released = -1;
    pid_t feeder = fork();
    if (feeder == 0) { execv(program[0], program); _exit(127); }
    int status = -1;
    waitpid(feeder, &status, 0);
    double ended = milliseconds();
    if (poll(&wait, 1, 2000) == 1 && read(ends[0], &released, sizeof released) < 0) released = -1;
    printf("release blocked=yes status=%d exit-ms=%.1f released-ms=%.1f\n",
           WIFEXITED(status) ? WEXITSTATUS(status) : -1, ended - start,
           released < 0 ? -1 : released - start);
    return released >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int drain(int seconds) {
    int device = open("/dev/random", O_RDWR), limit = threshold(), lowest = 1 << 30, taken = 0;
    long bytes = 0;
    double start = milliseconds(), nextTake = start, lowSince = -1, longestLow = 0;
    for (double now = start; now < start + seconds * 1e3; now = milliseconds()) {
        char buffer[64];
        if (now >= nextTake) {
            // A rekey takes 256 bits out of a pool of this generation.
            if (ioctl(device, RNDRESEEDCRNG) == 0) taken += 256;
            nextTake += 100;
        }
        long count = read(device, buffer, sizeof buffer);
        if (count > 0) bytes += count;
        int bits = available(device);
        if (bits < lowest) lowest = bits;
        if (bits >= limit) lowSince = -1;
        else if (lowSince < 0) lowSince = now;
        if (lowSince >= 0 && milliseconds() - lowSince > longestLow)
            longestLow = milliseconds() - lowSince;
        usleep(500);
    }
    printf("drain taken=%d read=%ld lowest=%d longest-low-ms=%.0f threshold=%d end=%d\n", taken,
           bytes, lowest, longestLow, limit, available(device));
    return 0;
}

int main(int count, char **arguments) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count > 2 && !strcmp(arguments[1], "release")) return release(arguments + 2);
    if (count == 3 && !strcmp(arguments[1], "drain")) return drain(atoi(arguments[2]));
    return 64;
}
