// First process of a guest under test: loads modules, then reads /dev/hwrng as the second serial line tells it.
// SPDX-License-Identifier: Apache-2.0
//
// Says "ready UPTIME". "read COUNT MILLISECONDS" is answered with "read GOT MICROSECONDS LONGEST" and
// GOT bytes, where LONGEST is the longest wait for one read(2) in microseconds; GOT is less than COUNT
// when the time was over first. "answered" is answered with "answered N", the requests that the host
// has answered since the start, whoever in this kernel made them. "quit" ends the machine.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

// What the reader, a child that a dead device would hold for ever, leaves for its parent.
struct shared {
    uint64_t longest;
    uint64_t last;
    uint32_t count;
    uint8_t bytes[4 << 20];
};

static int line;

static uint64_t microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void say(const void *bytes, size_t count) {
    const char *at = bytes;
    while (count > 0) {
        ssize_t sent = write(line, at, count);
        if (sent < 0 && errno != EINTR) reboot(RB_AUTOBOOT);
        if (sent > 0) { at += sent; count -= (size_t)sent; }
    }
}

static void loadModules(void) {
    struct dirent **names;
    int count = scandir("/modules", &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[300];
        if (names[i]->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/modules/%s", names[i]->d_name);
        int module = open(path, O_RDONLY);
        if (module < 0 || syscall(SYS_finit_module, module, "", 0) != 0) perror(path);
        close(module);
    }
}

// How many of its requests the device has answered: one interrupt each, as one is open at a time.
static unsigned long answered(void) {
    char text[300];
    unsigned long total = 0;
    FILE *file = fopen("/proc/interrupts", "r");
    while (file && fgets(text, sizeof text, file)) {
        unsigned long count;
        if (strstr(text, "virtio") && sscanf(text, "%*[^:]: %lu", &count) == 1) total += count;
    }
    if (file) fclose(file);
    return total;
}

// 64 bytes: what virtio-rng asks the host for at a time, so that nothing stays in between.
static void readDevice(struct shared *to, uint32_t wanted) {
    int device = open("/dev/hwrng", O_RDONLY);
    if (device < 0) _exit(1);
    to->last = microseconds();
    while (to->count < wanted) {
        uint32_t part = wanted - to->count < 64 ? wanted - to->count : 64;
        ssize_t got = read(device, to->bytes + to->count, part);
        if (got <= 0) _exit(2);
        uint64_t now = microseconds();
        if (now - to->last > to->longest) to->longest = now - to->last;
        to->last = now;
        to->count += (uint32_t)got;
    }
    _exit(0);
}

static void answer(struct shared *from, uint32_t wanted, int limit) {
    int ends[2];
    memset(from, 0, offsetof(struct shared, bytes));
    if (pipe(ends)) return;
    uint64_t start = microseconds();
    pid_t reader = fork();
    if (reader == 0) { close(ends[0]); readDevice(from, wanted); }
    close(ends[1]);
    // The child's end of the pipe closes with it.
    struct pollfd end = {ends[0], POLLIN, 0};
    poll(&end, 1, limit);
    kill(reader, SIGKILL);
    waitpid(reader, NULL, 0);
    close(ends[0]);
    uint64_t took = microseconds() - start;
    if (from->count < wanted && microseconds() - from->last > from->longest)
        from->longest = microseconds() - from->last;
    char head[100];
    int length = snprintf(head, sizeof head, "read %u %llu %llu\n", from->count,
                          (unsigned long long)took, (unsigned long long)from->longest);
    say(head, (size_t)length);
    say(from->bytes, from->count);
}

static int hear(char *text, size_t size) {
    size_t count = 0;
    while (count < size - 1) {
        ssize_t got = read(line, text + count, 1);
        if (got <= 0) return 0;
        if (text[count] == '\n') break;
        count++;
    }
    text[count] = 0;
    return 1;
}

int main(void) {
    mount("dev", "/dev", "devtmpfs", 0, NULL);
    mount("sys", "/sys", "sysfs", 0, NULL);
    mount("proc", "/proc", "proc", 0, NULL);
    loadModules();
    line = open("/dev/ttyS1", O_RDWR | O_NOCTTY);
    if (line < 0) reboot(RB_AUTOBOOT);
    struct termios settings;
    tcgetattr(line, &settings);
    cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL;
    cfsetspeed(&settings, B115200);
    tcsetattr(line, TCSANOW, &settings);
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) reboot(RB_AUTOBOOT);
    char text[100];
    struct timespec up;
    clock_gettime(CLOCK_BOOTTIME, &up);
    say(text, (size_t)snprintf(text, sizeof text, "ready %ld.%02ld\n", (long)up.tv_sec, up.tv_nsec / 10000000));
    while (hear(text, sizeof text)) {
        unsigned count;
        int limit;
        if (sscanf(text, "read %u %d", &count, &limit) == 2 && count <= sizeof shared->bytes)
            answer(shared, count, limit);
        else if (strcmp(text, "answered") == 0)
            say(text, (size_t)snprintf(text, sizeof text, "answered %lu\n", answered()));
        else if (strcmp(text, "quit") == 0) break;
    }
    reboot(RB_AUTOBOOT);
}
