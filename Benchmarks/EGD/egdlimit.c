// SPDX-License-Identifier: Apache-2.0
/*
 * egdlimit - the cheapest EGD server one thread can be: the practical upper
 * limit that a real EGD server is measured against.
 *
 * Single thread, epoll, replies copied from a buffer filled once at start.
 * IT SERVES THE SAME BYTES AGAIN AND AGAIN: never use it as a random source.
 *
 * Speaks the whole EGD protocol:
 *   00            -> 4 bytes, big endian: bits available
 *   01 n          -> 1 byte m, then m bytes  (non-blocking read, m <= n)
 *   02 n          -> n bytes                 (blocking read)
 *   03 hh ll n .. -> nothing                 (n bytes of entropy are dropped)
 *   04            -> 1 byte length, then the pid in decimal
 * Any other command byte closes the connection.
 *
 * Build: cc -O2 -Wall -Wextra -o egdlimit egdlimit.c      (Linux, no libraries)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	POOL_SIZE = 1 << 16,       /* prefilled bytes, a power of two            */
	IN_SIZE = 4096,            /* longest command is 4 + 255 bytes           */
	OUT_SIZE = 16384,          /* longest reply is 1 + 255 bytes             */
	MAX_REPLY = 256,
	MAX_EVENTS = 256,
	ACCEPT_BATCH = 64
};

struct conn {
	int fd;
	bool listener, tcp, want_out, eof;
	uint32_t in_len, out_off, out_len;
	uint8_t *in, *out;
};

static uint8_t pool[POOL_SIZE + MAX_REPLY];
static uint32_t pool_pos;
static uint64_t budget = UINT64_MAX;       /* -L: bytes left to hand out */
static uint64_t n_requests, n_bytes, n_accepted, n_bad;
static unsigned open_conns, peak_conns;
static int ep = -1;
static struct conn *listeners[2];
static bool listeners_paused;
static volatile sig_atomic_t stop;

static void die(const char *what)
{
	fprintf(stderr, "egdlimit: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void usage(FILE *f)
{
	fputs("usage: egdlimit [-u SOCKET_PATH] [-t HOST:PORT] [-b BACKLOG] [-L BYTES] [-q]\n"
	      "  -u  listen on a Unix socket (an old socket file at that path is replaced)\n"
	      "  -t  listen on TCP; [v6addr]:port is understood\n"
	      "  -b  listen backlog (default 4096, capped by net.core.somaxconn)\n"
	      "  -L  hand out only so many bytes, then be empty (to test clients)\n"
	      "  -q  print no totals at exit\n"
	      "One or both of -u and -t. SIGINT or SIGTERM ends it.\n", f);
}

static void on_signal(int sig) { (void)sig; stop = 1; }

static void set_events(struct conn *c, uint32_t events, int op)
{
	struct epoll_event e = { .events = events, .data.ptr = c };
	if (epoll_ctl(ep, op, c->fd, &e) < 0)
		die("epoll_ctl");
}

static void pause_listeners(bool pause)
{
	if (pause == listeners_paused)
		return;
	listeners_paused = pause;
	for (int i = 0; i < 2; i++)
		if (listeners[i])
			set_events(listeners[i], pause ? 0 : EPOLLIN, EPOLL_CTL_MOD);
}

static void drop(struct conn *c)
{
	close(c->fd);
	free(c->in);
	free(c->out);
	free(c);
	open_conns--;
	pause_listeners(false);
}

static void accept_some(struct conn *l)
{
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
				pause_listeners(true);   /* until a connection ends */
			return;                      /* EAGAIN, ECONNABORTED, EINTR ... */
		}
		struct conn *c = calloc(1, sizeof *c);
		if (c) {
			c->in = malloc(IN_SIZE);
			c->out = malloc(OUT_SIZE);
		}
		if (!c || !c->in || !c->out) {
			if (c) { free(c->in); free(c->out); free(c); }
			close(fd);
			return;
		}
		c->fd = fd;
		c->tcp = l->tcp;
		if (c->tcp) {
			int one = 1;
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		}
		n_accepted++;
		if (++open_conns > peak_conns)
			peak_conns = open_conns;
		set_events(c, EPOLLIN, EPOLL_CTL_ADD);
	}
}

/* Copies n pool bytes; the pool has MAX_REPLY bytes of slack, so no wrap inside. */
static void take(uint8_t *to, uint32_t n)
{
	memcpy(to, pool + pool_pos, n);
	pool_pos = (pool_pos + n) & (POOL_SIZE - 1);
	if (budget != UINT64_MAX)
		budget -= n;
	n_bytes += n;
}

/* Runs complete commands while there is room for a reply.
   Returns false on an unknown command. *stuck: a blocking read has to wait for bytes. */
static bool run_commands(struct conn *c, bool *stuck)
{
	uint32_t at = 0;
	bool ok = true;
	*stuck = false;
	while (at < c->in_len && c->out_len + MAX_REPLY <= OUT_SIZE) {
		const uint8_t *p = c->in + at;
		uint32_t have = c->in_len - at, n;
		uint8_t *o = c->out + c->out_len;
		switch (p[0]) {
		case 0x00: {
			uint64_t bits = budget > UINT32_MAX / 8 ? UINT32_MAX : budget * 8;
			uint32_t be = htonl((uint32_t)bits);
			memcpy(o, &be, 4);
			c->out_len += 4;
			at += 1;
			break;
		}
		case 0x01:
			if (have < 2) goto done;
			n = p[1];
			if (n > budget) n = (uint32_t)budget;
			o[0] = (uint8_t)n;
			take(o + 1, n);
			c->out_len += 1 + n;
			at += 2;
			break;
		case 0x02:
			if (have < 2) goto done;
			n = p[1];
			if (n > budget) { *stuck = true; goto done; }
			take(o, n);
			c->out_len += n;
			at += 2;
			break;
		case 0x03:
			if (have < 4 || have < 4u + p[3]) goto done;
			at += 4u + p[3];
			break;
		case 0x04: {
			char text[16];
			n = (uint32_t)snprintf(text, sizeof text, "%ld", (long)getpid());
			o[0] = (uint8_t)n;
			memcpy(o + 1, text, n);
			c->out_len += 1 + n;
			at += 1;
			break;
		}
		default:
			n_bad++;
			ok = false;
			goto done;
		}
		n_requests++;
	}
done:
	c->in_len -= at;
	if (c->in_len && at)
		memmove(c->in, c->in + at, c->in_len);
	return ok;
}

/* Sends what is pending. 1: all gone, 0: socket full, -1: connection lost. */
static int flush_out(struct conn *c)
{
	while (c->out_off < c->out_len) {
		ssize_t n = send(c->fd, c->out + c->out_off, c->out_len - c->out_off, MSG_NOSIGNAL);
		if (n > 0)
			c->out_off += (uint32_t)n;
		else if (n < 0 && errno == EINTR)
			continue;
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		else
			return -1;
	}
	c->out_off = c->out_len = 0;
	return 1;
}

static void serve(struct conn *c, uint32_t events)
{
	bool stuck = false;
	if (events & EPOLLERR) { drop(c); return; }
	if ((events & (EPOLLIN | EPOLLHUP)) && !c->want_out && !c->eof) {
		if (c->in_len == IN_SIZE) { drop(c); return; }   /* stuck and still sending */
		ssize_t n = recv(c->fd, c->in + c->in_len, IN_SIZE - c->in_len, 0);
		if (n > 0)
			c->in_len += (uint32_t)n;
		else if (n == 0)
			c->eof = true;
		else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
			drop(c);
			return;
		}
	}
	for (;;) {
		int f = flush_out(c);
		if (f < 0) { drop(c); return; }
		if (f == 0) {                       /* reader is slow: stop reading from it */
			if (!c->want_out) {
				c->want_out = true;
				set_events(c, EPOLLOUT, EPOLL_CTL_MOD);
			}
			return;
		}
		uint32_t before = c->in_len;
		if (!run_commands(c, &stuck)) {
			flush_out(c);
			drop(c);
			return;
		}
		if (c->out_len == 0 && (c->in_len == before || c->in_len == 0))
			break;                          /* no progress: an incomplete command, or none */
	}
	if (c->eof) { drop(c); return; }
	if (c->want_out) {
		c->want_out = false;
		set_events(c, EPOLLIN, EPOLL_CTL_MOD);
	}
}

static struct conn *listener(int fd, bool tcp, int backlog)
{
	struct conn *l = calloc(1, sizeof *l);
	if (!l) die("calloc");
	if (listen(fd, backlog) < 0) die("listen");
	l->fd = fd;
	l->listener = true;
	l->tcp = tcp;
	set_events(l, EPOLLIN, EPOLL_CTL_ADD);
	return l;
}

static int bind_unix(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	if (strlen(path) >= sizeof a.sun_path) {
		fprintf(stderr, "egdlimit: socket path too long\n");
		exit(2);
	}
	strcpy(a.sun_path, path);
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode)) {
			fprintf(stderr, "egdlimit: %s exists and is no socket\n", path);
			exit(2);
		}
		unlink(path);
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) die("socket");
	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0) die(path);
	return fd;
}

static int bind_tcp(const char *spec)
{
	char host[256];
	const char *colon = strrchr(spec, ':');
	if (!colon || (size_t)(colon - spec) >= sizeof host) {
		fprintf(stderr, "egdlimit: -t needs HOST:PORT\n");
		exit(2);
	}
	size_t n = (size_t)(colon - spec);
	memcpy(host, spec, n);
	host[n] = 0;
	char *h = host;
	if (n >= 2 && h[0] == '[' && h[n - 1] == ']') { h[n - 1] = 0; h++; }
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *res;
	int e = getaddrinfo(*h ? h : NULL, colon + 1, &hints, &res);
	if (e) {
		fprintf(stderr, "egdlimit: %s: %s\n", spec, gai_strerror(e));
		exit(2);
	}
	int fd = socket(res->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
	if (fd < 0) die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, res->ai_addr, res->ai_addrlen) < 0) die(spec);
	freeaddrinfo(res);
	return fd;
}

int main(int argc, char **argv)
{
	const char *unix_path = NULL, *tcp_spec = NULL;
	int backlog = 4096, opt;
	bool quiet = false;
	while ((opt = getopt(argc, argv, "u:t:b:L:qh")) != -1)
		switch (opt) {
		case 'u': unix_path = optarg; break;
		case 't': tcp_spec = optarg; break;
		case 'b': backlog = atoi(optarg); break;
		case 'L': budget = strtoull(optarg, NULL, 0); break;
		case 'q': quiet = true; break;
		case 'h': usage(stdout); return 0;
		default: usage(stderr); return 2;
		}
	if ((!unix_path && !tcp_spec) || optind != argc) { usage(stderr); return 2; }

	for (size_t got = 0; got < POOL_SIZE; ) {
		ssize_t n = getrandom(pool + got, POOL_SIZE - got, 0);
		if (n > 0) got += (size_t)n;
		else if (errno != EINTR) die("getrandom");
	}
	memcpy(pool + POOL_SIZE, pool, MAX_REPLY);

	struct rlimit rl;
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) { rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl); }

	struct sigaction sa = { .sa_handler = on_signal };
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);

	if ((ep = epoll_create1(EPOLL_CLOEXEC)) < 0) die("epoll_create1");
	if (unix_path) listeners[0] = listener(bind_unix(unix_path), false, backlog);
	if (tcp_spec) listeners[1] = listener(bind_tcp(tcp_spec), true, backlog);

	struct epoll_event ev[MAX_EVENTS];
	while (!stop) {
		int n = epoll_wait(ep, ev, MAX_EVENTS, -1);
		if (n < 0) {
			if (errno == EINTR) continue;
			die("epoll_wait");
		}
		for (int i = 0; i < n; i++) {
			struct conn *c = ev[i].data.ptr;
			if (c->listener) accept_some(c);
			else serve(c, ev[i].events);
		}
	}
	if (unix_path) unlink(unix_path);
	if (!quiet)
		fprintf(stderr, "egdlimit: %" PRIu64 " connections (peak %u), %" PRIu64 " requests, %"
		        PRIu64 " bytes, %" PRIu64 " bad commands\n", n_accepted, peak_conns, n_requests, n_bytes, n_bad);
	return 0;
}
