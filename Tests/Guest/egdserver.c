// An EGD server for the test guest, on 127.0.0.1: serves 02, swallows 03, answers 04 as ekeyd does.
// SPDX-License-Identifier: Apache-2.0
//
//   egdserver PORT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void receive(int client, unsigned char *bytes, size_t count) {
    while (count > 0) {
        ssize_t got = read(client, bytes, count);
        if (got <= 0) _exit(0);
        bytes += got;
        count -= (size_t)got;
    }
}

static void serve(int client) {
    // xorshift64 (Marsaglia 2003): enough for the health tests.
    uint64_t state = 88172645463325252u;
    unsigned char command, header[3], bytes[255];
    for (;;) {
        receive(client, &command, 1);
        if (command == 2) {
            receive(client, header, 1);
            for (int i = 0; i < header[0]; i++) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                bytes[i] = (unsigned char)(state >> 24);
            }
            if (write(client, bytes, header[0]) != header[0]) _exit(1);
        } else if (command == 3) {
            receive(client, header, 3);
            receive(client, bytes, header[2]);
        } else if (command == 4) {
            if (write(client, "\002-1", 3) != 3) _exit(1);
        } else {
            _exit(1);
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 2) return 64;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4) != 0) {
        perror("egdserver");
        return 1;
    }
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client >= 0 && fork() == 0) serve(client);
        close(client);
    }
}
