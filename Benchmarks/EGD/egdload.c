// SPDX-License-Identifier: Apache-2.0
/*
 * egdload - closed-loop load generator for EGD servers.
 *
 * N connections (Unix or TCP), each keeping DEPTH requests outstanding, for a
 * given time. Reports requests/s, MB/s, latency quantiles, short and empty
 * replies, errors, the generator's own CPU time and, with -P, the server's.
 *
 * Single thread, epoll. One process drives about as many requests as one
 * single-threaded server can answer; to load a multi-threaded server start
 * several side by side.
 *
 * Build: cc -O2 -Wall -Wextra -o egdload egdload.c      (Linux, no libraries)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MAX_DEPTH = 64, MAX_EVENTS = 512, IN_SIZE = 16384, MAX_DIRS = 16 };

enum mode { BLOCKING = 2, NONBLOCKING = 1, LEVEL = 0, PID = 4 };
enum state { IDLE, CONNECTING, RUNNING, RESTING };

struct conn {
	int fd;
	enum state state;
	bool registered;
	uint32_t events;            /* what epoll watches now */
	uint32_t served;            /* requests answered on this connection */
	uint64_t wake_at;           /* IDLE and RESTING: when to go on */
	/* requests under way, oldest first */
	uint64_t sent_at[MAX_DEPTH];
	uint32_t head, inflight;
	/* reply being read */
	bool have_len;
	uint32_t need;              /* payload bytes still missing */
	uint32_t got;               /* payload bytes of this reply so far */
	uint64_t print;             /* its first 8 bytes, for -D */
	/* bytes still to send */
	uint8_t out[2 * MAX_DEPTH];
	uint32_t out_off, out_len;
};

/* Latency histogram: 64 linear steps for each power of two, from 1 ns up. */
enum { SUB_BITS = 6, SUB = 1 << SUB_BITS, BUCKETS = (64 - SUB_BITS + 1) * SUB };
static uint64_t hist[BUCKETS];

static struct sockaddr_storage addr;
static socklen_t addr_len;
static int family;
static int ep;
static struct conn *conns;
static uint32_t n_conns = 1, depth = 1, size = 32, per_conn;
static enum mode mode = BLOCKING;
static double duration = 5, warmup = 0.5, rest_empty = 0.001, stall = 5;
static bool measuring;
static uint64_t now_ns_cached, t_begin, t_end;
static volatile sig_atomic_t stop;

static uint64_t requests, payload, shorts, empties, lat_sum, lat_max, lat_min = UINT64_MAX;
static uint64_t e_connect, e_closed, e_io, e_protocol, connects;
static uint64_t consecutive_failures;
static int last_errno;
static uint32_t idle_or_resting;

static int dump_fd = -1;
static uint64_t *prints, n_prints, cap_prints;

static void die(const char *what)
{
	fprintf(stderr, "egdload: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void usage(FILE *f)
{
	fputs("usage: egdload (-u SOCKET_PATH | -t HOST:PORT) [options]\n"
	      "  -c N      connections (default 1)\n"
	      "  -s N      bytes asked for in a request, 1-255 (default 32)\n"
	      "  -m MODE   block (command 02, default), nonblock (01), level (00) or pid (04)\n"
	      "  -d SECS   measured time (default 5)\n"
	      "  -w SECS   warm-up before it, not counted (default 0.5)\n"
	      "  -p N      requests kept outstanding on each connection, 1-64 (default 1)\n"
	      "  -k N      close and reconnect after N requests (default 0: never)\n"
	      "  -e SECS   pause of a connection after an empty non-blocking reply (default 0.001)\n"
	      "  -S SECS   an unanswered request this old at the end counts as stalled (default 5)\n"
	      "  -P PID    also report this process's CPU time and memory (the server's); repeatable\n"
	      "  -o FILE   write every byte received to FILE\n"
	      "  -D        count replies that begin with the same 8 bytes (size 8 or more)\n"
	      "  -j        print one JSON object in place of the text\n"
	      "Exit status: 0 requests were answered and nothing failed; 1 otherwise; 2 bad usage.\n", f);
}

static void on_signal(int sig) { (void)sig; stop = 1; }

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- latency histogram ---- */

static unsigned bucket_of(uint64_t v)
{
	if (v < SUB) return (unsigned)v;
	unsigned top = 63u - (unsigned)__builtin_clzll(v);
	return (top - SUB_BITS + 1) * SUB + (unsigned)((v >> (top - SUB_BITS)) & (SUB - 1));
}

static uint64_t bucket_top(unsigned b)
{
	if (b < SUB) return b;
	unsigned shift = b / SUB - 1;
	return (((uint64_t)(b % SUB) + SUB + 1) << shift) - 1;
}

static double quantile_us(double q)
{
	if (!requests) return 0;
	uint64_t want = (uint64_t)(q * (double)requests), seen = 0;
	if (want >= requests) want = requests - 1;
	for (unsigned b = 0; b < BUCKETS; b++)
		if ((seen += hist[b]) > want) {
			uint64_t v = bucket_top(b);
			return (double)(v < lat_max ? v : lat_max) / 1000.0;
		}
	return (double)lat_max / 1000.0;
}

/* ---- the server's CPU time and memory ---- */

struct proc { long pid; double user0, sys0, user1, sys1; long rss_kb, peak_kb; };
static struct proc procs[MAX_DIRS];
static unsigned n_procs;

static bool read_cpu(long pid, double *user, double *sys)
{
	char path[64], buf[1024];
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return false;
	ssize_t n = read(fd, buf, sizeof buf - 1);
	close(fd);
	if (n <= 0) return false;
	buf[n] = 0;
	char *p = strrchr(buf, ')');
	unsigned long long u, s;
	if (!p || sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &u, &s) != 2)
		return false;
	double hz = (double)sysconf(_SC_CLK_TCK);
	*user = (double)u / hz;
	*sys = (double)s / hz;
	return true;
}

static void read_mem(struct proc *p)
{
	char path[64], line[256];
	snprintf(path, sizeof path, "/proc/%ld/status", p->pid);
	FILE *f = fopen(path, "re");
	if (!f) return;
	while (fgets(line, sizeof line, f)) {
		sscanf(line, "VmRSS: %ld", &p->rss_kb);
		sscanf(line, "VmHWM: %ld", &p->peak_kb);
	}
	fclose(f);
}

/* ---- connections ---- */

static void watch(struct conn *c, uint32_t events)
{
	if (c->registered && c->events == events) return;
	struct epoll_event e = { .events = events, .data.ptr = c };
	if (epoll_ctl(ep, c->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &e) < 0)
		die("epoll_ctl");
	c->registered = true;
	c->events = events;
}

static void rest(struct conn *c, enum state s, double secs)
{
	if (c->state != IDLE && c->state != RESTING) idle_or_resting++;
	c->state = s;
	c->wake_at = now_ns() + (uint64_t)(secs * 1e9);
}

static void close_conn(struct conn *c)
{
	if (c->fd >= 0) close(c->fd);
	c->fd = -1;
	c->registered = false;
	c->events = 0;
	c->served = c->head = c->inflight = 0;
	c->out_off = c->out_len = 0;
	c->have_len = false;
	c->need = c->got = 0;
}

static void fail(struct conn *c, uint64_t *counter, int err, double pause)
{
	(*counter)++;
	consecutive_failures++;
	last_errno = err;
	close_conn(c);
	rest(c, IDLE, pause);
}

static bool flush_out(struct conn *c)
{
	while (c->out_off < c->out_len) {
		ssize_t n = send(c->fd, c->out + c->out_off, c->out_len - c->out_off, MSG_NOSIGNAL);
		if (n > 0) c->out_off += (uint32_t)n;
		else if (n < 0 && errno == EINTR) continue;
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			watch(c, EPOLLIN | EPOLLOUT);
			return true;
		} else {
			int err = errno;
			fail(c, err == EPIPE || err == ECONNRESET ? &e_closed : &e_io, err, 0.001);
			return false;
		}
	}
	c->out_off = c->out_len = 0;
	watch(c, EPOLLIN);
	return true;
}

/* Tops up the requests under way. */
static bool ask(struct conn *c)
{
	uint64_t t = now_ns();
	while (c->inflight < depth && c->out_len + 2 <= sizeof c->out &&
	       (!per_conn || c->served + c->inflight < per_conn)) {
		c->out[c->out_len++] = (uint8_t)mode;
		if (mode == BLOCKING || mode == NONBLOCKING)
			c->out[c->out_len++] = (uint8_t)size;
		c->sent_at[(c->head + c->inflight) % MAX_DEPTH] = t;
		c->inflight++;
	}
	return flush_out(c);
}

static void begin_reply(struct conn *c)
{
	c->got = 0;
	c->print = 0;
	c->have_len = mode == BLOCKING || mode == LEVEL;
	c->need = mode == BLOCKING ? size : mode == LEVEL ? 4 : 0;
}

static void started(struct conn *c)
{
	if (c->state == IDLE || c->state == RESTING) idle_or_resting--;
	c->state = RUNNING;
	begin_reply(c);
	ask(c);
}

static void connect_conn(struct conn *c)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) { fail(c, &e_connect, errno, 0.01); return; }
	if (family != AF_UNIX) {
		int one = 1;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	}
	c->fd = fd;
	connects++;
	if (connect(fd, (struct sockaddr *)&addr, addr_len) == 0) {
		started(c);
	} else if (errno == EINPROGRESS) {
		if (c->state == IDLE || c->state == RESTING) idle_or_resting--;
		c->state = CONNECTING;
		watch(c, EPOLLOUT);
	} else if (errno == EAGAIN) {           /* Unix socket, backlog full: not an error */
		connects--;
		close_conn(c);
		rest(c, IDLE, 0.0005);
	} else {
		fail(c, &e_connect, errno, 0.01);
	}
}

static void count_reply(struct conn *c, uint64_t t)
{
	uint64_t lat = t - c->sent_at[c->head];
	c->head = (c->head + 1) % MAX_DEPTH;
	c->inflight--;
	c->served++;
	consecutive_failures = 0;
	if (!measuring) return;
	requests++;
	payload += c->got;
	hist[bucket_of(lat)]++;
	lat_sum += lat;
	if (lat > lat_max) lat_max = lat;
	if (lat < lat_min) lat_min = lat;
	if (mode == NONBLOCKING) {
		if (c->got == 0) empties++;
		else if (c->got < size) shorts++;
	}
	if (prints && c->got >= 8 && n_prints < cap_prints)
		prints[n_prints++] = c->print;
}

static void dump(const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t w = write(dump_fd, p, n);
		if (w < 0 && errno == EINTR) continue;
		if (w <= 0) die("writing the -o file");
		p += w;
		n -= (size_t)w;
	}
}

/* Returns false if the connection is gone. */
static bool digest(struct conn *c, const uint8_t *p, size_t n)
{
	uint64_t t = now_ns();
	bool empty = false;
	while (n || (c->have_len && !c->need && c->inflight)) {
		if (!c->inflight) { fail(c, &e_protocol, EPROTO, 0.01); return false; }
		if (!c->have_len) {
			c->need = *p++;
			n--;
			c->have_len = true;
			if (mode == NONBLOCKING && c->need > size) {
				fail(c, &e_protocol, EPROTO, 0.01);
				return false;
			}
		}
		size_t k = n < c->need ? n : c->need;
		if (k) {
			for (size_t i = 0; c->got + i < 8 && i < k; i++)
				c->print = c->print << 8 | p[i];
			if (dump_fd >= 0 && measuring && (mode == BLOCKING || mode == NONBLOCKING))
				dump(p, k);
			c->got += (uint32_t)k;
			c->need -= (uint32_t)k;
			p += k;
			n -= k;
		}
		if (c->need) break;
		if (mode == NONBLOCKING && c->got == 0) empty = true;
		count_reply(c, t);
		begin_reply(c);
	}
	if (per_conn && c->served >= per_conn) {
		close_conn(c);
		c->state = RUNNING;
		rest(c, IDLE, 0);
		connect_conn(c);
		return false;
	}
	if (empty && rest_empty > 0) {          /* keep reading, ask again later */
		rest(c, RESTING, rest_empty);
		return true;
	}
	return ask(c);
}

static void handle(struct conn *c, uint32_t events)
{
	static uint8_t buf[IN_SIZE];
	if (c->fd < 0) return;
	if (c->state == CONNECTING) {
		int err = 0;
		socklen_t l = sizeof err;
		getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &l);
		if (err) fail(c, &e_connect, err, 0.01);
		else if (events & EPOLLOUT) started(c);
		return;
	}
	if ((events & EPOLLOUT) && !flush_out(c)) return;
	if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP))) return;
	ssize_t n = recv(c->fd, buf, sizeof buf, 0);
	if (n > 0) digest(c, buf, (size_t)n);
	else if (n == 0) fail(c, &e_closed, 0, 0.001);
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		fail(c, errno == ECONNRESET ? &e_closed : &e_io, errno, 0.001);
}

/* Wakes connections whose pause is over; returns ns to the next one, or -1. */
static int64_t wake(void)
{
	if (!idle_or_resting) return -1;
	uint64_t t = now_ns(), next = UINT64_MAX;
	for (uint32_t i = 0; i < n_conns; i++) {
		struct conn *c = &conns[i];
		if (c->state != IDLE && c->state != RESTING) continue;
		if (c->wake_at <= t) {
			if (c->state == IDLE) connect_conn(c);
			else { idle_or_resting--; c->state = RUNNING; ask(c); }
		}
		if ((c->state == IDLE || c->state == RESTING) && c->wake_at < next) next = c->wake_at;
	}
	if (next == UINT64_MAX) return -1;
	t = now_ns();
	return next > t ? (int64_t)(next - t) : 0;
}

static int cmp_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static void parse_target(const char *unix_path, const char *tcp)
{
	if (unix_path) {
		struct sockaddr_un *a = (struct sockaddr_un *)&addr;
		if (strlen(unix_path) >= sizeof a->sun_path) { fprintf(stderr, "egdload: socket path too long\n"); exit(2); }
		a->sun_family = AF_UNIX;
		strcpy(a->sun_path, unix_path);
		addr_len = sizeof *a;
		family = AF_UNIX;
		return;
	}
	char host[256];
	const char *colon = strrchr(tcp, ':');
	if (!colon || (size_t)(colon - tcp) >= sizeof host) { fprintf(stderr, "egdload: -t needs HOST:PORT\n"); exit(2); }
	size_t n = (size_t)(colon - tcp);
	memcpy(host, tcp, n);
	host[n] = 0;
	char *h = host;
	if (n >= 2 && h[0] == '[' && h[n - 1] == ']') { h[n - 1] = 0; h++; }
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *res;
	int e = getaddrinfo(h, colon + 1, &hints, &res);
	if (e) { fprintf(stderr, "egdload: %s: %s\n", tcp, gai_strerror(e)); exit(2); }
	memcpy(&addr, res->ai_addr, res->ai_addrlen);
	addr_len = res->ai_addrlen;
	family = res->ai_family;
	freeaddrinfo(res);
}

static unsigned long number(const char *s, unsigned long lo, unsigned long hi, char opt)
{
	char *end;
	errno = 0;
	unsigned long v = strtoul(s, &end, 10);
	if (errno || *end || end == s || v < lo || v > hi) {
		fprintf(stderr, "egdload: -%c: %s is not a number from %lu to %lu\n", opt, s, lo, hi);
		exit(2);
	}
	return v;
}

static double seconds(const char *s, char opt)
{
	char *end;
	double v = strtod(s, &end);
	if (*end || end == s || !(v >= 0) || v > 1e6) {
		fprintf(stderr, "egdload: -%c: %s is not a time in seconds\n", opt, s);
		exit(2);
	}
	return v;
}

int main(int argc, char **argv)
{
	const char *unix_path = NULL, *tcp = NULL, *dump_path = NULL, *mode_name = "block";
	bool json = false, dups = false;
	int opt;
	while ((opt = getopt(argc, argv, "u:t:c:s:m:d:w:p:k:e:S:P:o:Djh")) != -1)
		switch (opt) {
		case 'u': unix_path = optarg; break;
		case 't': tcp = optarg; break;
		case 'c': n_conns = (uint32_t)number(optarg, 1, 1000000, 'c'); break;
		case 's': size = (uint32_t)number(optarg, 1, 255, 's'); break;
		case 'm':
			mode_name = optarg;
			if (!strcmp(optarg, "block")) mode = BLOCKING;
			else if (!strcmp(optarg, "nonblock")) mode = NONBLOCKING;
			else if (!strcmp(optarg, "level")) mode = LEVEL;
			else if (!strcmp(optarg, "pid")) mode = PID;
			else { usage(stderr); return 2; }
			break;
		case 'd': duration = seconds(optarg, 'd'); break;
		case 'w': warmup = seconds(optarg, 'w'); break;
		case 'p': depth = (uint32_t)number(optarg, 1, MAX_DEPTH, 'p'); break;
		case 'k': per_conn = (uint32_t)number(optarg, 0, UINT32_MAX, 'k'); break;
		case 'e': rest_empty = seconds(optarg, 'e'); break;
		case 'S': stall = seconds(optarg, 'S'); break;
		case 'P':
			if (n_procs == MAX_DIRS) { fprintf(stderr, "egdload: too many -P\n"); return 2; }
			procs[n_procs++].pid = (long)number(optarg, 1, 1u << 30, 'P');
			break;
		case 'o': dump_path = optarg; break;
		case 'D': dups = true; break;
		case 'j': json = true; break;
		case 'h': usage(stdout); return 0;
		default: usage(stderr); return 2;
		}
	if (!unix_path == !tcp || optind != argc) { usage(stderr); return 2; }
	parse_target(unix_path, tcp);

	struct rlimit rl;
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) { rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl); }
	struct sigaction sa = { .sa_handler = on_signal };
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);

	if (dump_path && (dump_fd = open(dump_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
		die(dump_path);
	if (dups) {
		cap_prints = 1u << 24;
		if (!(prints = malloc(cap_prints * sizeof *prints))) die("malloc");
	}
	if ((ep = epoll_create1(EPOLL_CLOEXEC)) < 0) die("epoll_create1");
	if (!(conns = calloc(n_conns, sizeof *conns))) die("calloc");
	idle_or_resting = n_conns;
	for (uint32_t i = 0; i < n_conns; i++) conns[i].fd = -1;

	struct rusage ru0, ru1;
	memset(&ru0, 0, sizeof ru0);
	uint64_t t0 = now_ns(), measure_at = t0 + (uint64_t)(warmup * 1e9);
	uint64_t end_at = measure_at + (uint64_t)(duration * 1e9);
	struct epoll_event ev[MAX_EVENTS];
	uint64_t connects_at_begin = 0;
	for (;;) {
		now_ns_cached = now_ns();
		if (!measuring && now_ns_cached >= measure_at) {
			measuring = true;
			t_begin = now_ns_cached;
			end_at = t_begin + (uint64_t)(duration * 1e9);
			getrusage(RUSAGE_SELF, &ru0);
			for (unsigned i = 0; i < n_procs; i++)
				if (!read_cpu(procs[i].pid, &procs[i].user0, &procs[i].sys0)) procs[i].user0 = -1;
			e_connect = e_closed = e_io = e_protocol = 0;
			connects_at_begin = connects;
		}
		if (stop || (measuring && now_ns_cached >= end_at)) break;
		if (consecutive_failures > 1000 + 10ull * n_conns) break;      /* nobody there */
		int64_t wait_ns = wake();
		uint64_t limit = measuring ? end_at : measure_at;
		int64_t left = limit > now_ns_cached ? (int64_t)(limit - now_ns_cached) : 0;
		if (wait_ns < 0 || wait_ns > left) wait_ns = left;
		int ms = (int)((wait_ns + 999999) / 1000000);
		int n = epoll_wait(ep, ev, MAX_EVENTS, wait_ns == 0 ? 0 : ms);
		if (n < 0) {
			if (errno == EINTR) continue;
			die("epoll_wait");
		}
		for (int i = 0; i < n; i++)
			handle(ev[i].data.ptr, ev[i].events);
	}
	t_end = now_ns();
	getrusage(RUSAGE_SELF, &ru1);
	for (unsigned i = 0; i < n_procs; i++) {
		if (procs[i].user0 < 0 || !read_cpu(procs[i].pid, &procs[i].user1, &procs[i].sys1)) procs[i].user0 = -1;
		read_mem(&procs[i]);
	}

	uint64_t unanswered = 0, stalled = 0, silent = 0;
	uint32_t open_at_end = 0;
	for (uint32_t i = 0; i < n_conns; i++) {
		struct conn *c = &conns[i];
		if (c->fd >= 0 && c->state != CONNECTING) open_at_end++;
		if (!c->served && !c->inflight && c->fd < 0) silent++;
		unanswered += c->inflight;
		for (uint32_t k = 0; k < c->inflight; k++)
			if ((double)(t_end - c->sent_at[(c->head + k) % MAX_DEPTH]) / 1e9 >= stall) stalled++;
	}
	uint64_t dup = 0;
	if (prints && n_prints) {
		qsort(prints, n_prints, sizeof *prints, cmp_u64);
		for (uint64_t i = 1; i < n_prints; i++) dup += prints[i] == prints[i - 1];
	}
	double secs = measuring ? (double)(t_end - t_begin) / 1e9 : 0;
	double user = (double)(ru1.ru_utime.tv_sec - ru0.ru_utime.tv_sec) + (double)(ru1.ru_utime.tv_usec - ru0.ru_utime.tv_usec) / 1e6;
	double sys = (double)(ru1.ru_stime.tv_sec - ru0.ru_stime.tv_sec) + (double)(ru1.ru_stime.tv_usec - ru0.ru_stime.tv_usec) / 1e6;
	double rps = secs > 0 ? (double)requests / secs : 0, mbs = secs > 0 ? (double)payload / secs / 1e6 : 0;
	double mean = requests ? (double)lat_sum / (double)requests / 1000 : 0;
	uint64_t errors = e_connect + e_closed + e_io + e_protocol;

	if (json) {
		printf("{\"transport\":\"%s\",\"mode\":\"%s\",\"connections\":%u,\"size\":%u,\"depth\":%u,\"per_connection\":%u,"
		       "\"seconds\":%.3f,\"requests\":%" PRIu64 ",\"requests_per_s\":%.1f,\"bytes\":%" PRIu64 ",\"MB_per_s\":%.4f,"
		       "\"latency_us\":{\"min\":%.2f,\"mean\":%.2f,\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"max\":%.2f},"
		       "\"short\":%" PRIu64 ",\"empty\":%" PRIu64 ",\"unanswered\":%" PRIu64 ",\"stalled\":%" PRIu64 ","
		       "\"errors\":{\"connect\":%" PRIu64 ",\"closed\":%" PRIu64 ",\"io\":%" PRIu64 ",\"protocol\":%" PRIu64 "},"
		       "\"connects\":%" PRIu64 ",\"open_at_end\":%u,\"duplicates\":%" PRId64 ",\"client_cpu\":{\"user\":%.3f,\"sys\":%.3f},\"servers\":[",
		       family == AF_UNIX ? "unix" : "tcp", mode_name, n_conns, size, depth, per_conn, secs, requests, rps, payload, mbs,
		       requests ? (double)lat_min / 1000 : 0, mean, quantile_us(.5), quantile_us(.9), quantile_us(.99), quantile_us(.999),
		       (double)lat_max / 1000, shorts, empties, unanswered, stalled, e_connect, e_closed, e_io, e_protocol,
		       connects - connects_at_begin, open_at_end, dups ? (int64_t)dup : -1, user, sys);
		for (unsigned i = 0; i < n_procs; i++) {
			struct proc *p = &procs[i];
			bool ok = p->user0 >= 0;
			printf("%s{\"pid\":%ld,\"user\":%.2f,\"sys\":%.2f,\"us_per_request\":%.2f,\"rss_kb\":%ld,\"peak_kb\":%ld}", i ? "," : "",
			       p->pid, ok ? p->user1 - p->user0 : -1, ok ? p->sys1 - p->sys0 : -1,
			       ok && requests ? (p->user1 - p->user0 + p->sys1 - p->sys0) * 1e6 / (double)requests : -1, p->rss_kb, p->peak_kb);
		}
		puts("]}");
	} else {
		printf("%s, %s, %u connections, %u bytes, depth %u%s: %.2f s\n", family == AF_UNIX ? "unix" : "tcp", mode_name,
		       n_conns, size, depth, per_conn ? ", reconnecting" : "", secs);
		printf("  requests   %" PRIu64 "  (%.0f/s, %.3f MB/s)\n", requests, rps, mbs);
		printf("  latency us min %.1f  mean %.1f  p50 %.1f  p90 %.1f  p99 %.1f  p99.9 %.1f  max %.1f\n",
		       requests ? (double)lat_min / 1000 : 0, mean, quantile_us(.5), quantile_us(.9), quantile_us(.99), quantile_us(.999), (double)lat_max / 1000);
		printf("  replies    short %" PRIu64 "  empty %" PRIu64 "  unanswered at end %" PRIu64 " (%" PRIu64 " stalled %gs or more)\n",
		       shorts, empties, unanswered, stalled, stall);
		printf("  errors     connect %" PRIu64 "  closed by server %" PRIu64 "  io %" PRIu64 "  protocol %" PRIu64 "%s%s\n",
		       e_connect, e_closed, e_io, e_protocol, last_errno ? "  last: " : "", last_errno ? strerror(last_errno) : "");
		printf("  conns      opened %" PRIu64 " while measuring, open at end %u, never connected %" PRIu64 "\n",
		       connects - connects_at_begin, open_at_end, silent);
		if (dups) printf("  duplicates %" PRIu64 " of %" PRIu64 " replies compared\n", dup, n_prints);
		printf("  client CPU user %.2f s  sys %.2f s  (%.0f%%)\n", user, sys, secs > 0 ? 100 * (user + sys) / secs : 0);
		for (unsigned i = 0; i < n_procs; i++) {
			struct proc *p = &procs[i];
			if (p->user0 < 0) { printf("  server %ld  gone\n", p->pid); continue; }
			double u = p->user1 - p->user0, s = p->sys1 - p->sys0;
			printf("  server %ld CPU user %.2f s  sys %.2f s  (%.0f%%, %.2f us/request)  RSS %ld KiB, peak %ld KiB\n", p->pid, u, s,
			       secs > 0 ? 100 * (u + s) / secs : 0, requests ? (u + s) * 1e6 / (double)requests : 0, p->rss_kb, p->peak_kb);
		}
	}
	return requests && !errors ? 0 : 1;
}
