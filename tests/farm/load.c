/* A load of simulated agents for benchmarks: cheap on purpose, so that what is measured is the other
 * side. One thread, one connection an agent, no libraries.
 *
 *   farm_load PORT TOKENS [agents=N] [count=N] [rate=N] [next=0|1]
 *
 * Each agent says hello, then leases and completes jobs at once. count: end after so many
 * completions (0: when a lease is answered with 204 or 410). rate: requests a second, the agents taking
 * turns, sent when they are due and timed from then; 0: as fast as answers come. next: ask for the next
 * lease with each result. Prints one line of JSON; times are of whole requests, in milliseconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 32 << 10, BUCKETS = 200000, BUCKET_US = 10, EVENTS = 256, SLICE_NS = 200000 };

enum asked { HELLO, LEASE, RESULT };

struct agent {
	int fd;
	enum asked asked;
	bool busy; /* an answer is to come */
	bool holds; /* a lease */
	bool over;
	char token[80];
	char fence[160];
	int64_t since; /* us, of the request under way */
	size_t n;
	char in[ROOM];
};

struct histogram {
	uint32_t bucket[BUCKETS]; /* the last one holds all above */
	uint64_t n;
	int64_t most;
};

struct load {
	int port, epoll;
	long agents, count, rate, next;
	struct agent *agent;
	long *ready; /* a ring of the agents that wait for their time, who waits longest first */
	long ready_first, ready_n;
	long paced, started, done, refused, over, greeted;
	int64_t begin, end;
	struct histogram all;
};

/* As an agent writes it after a build of nine stages. */
static const char result_head[] = "{\"fence\":\"";
static const char result_tail[] =
	"\",\"state\":\"pass\",\"stage\":null,\"reason\":null,\"line\":null,\"mode\":\"cross\","
	"\"executor\":\"\",\"toolchain\":\"zig 0.13.0\",\"builder_image\":"
	"\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\",\"tester_image\":\"\","
	"\"sandbox\":\"bubblewrap 0.8.0, uid 60001, cgroup v1\",\"agent_version\":\"0.1.0\","
	"\"log_sha256\":null,\"log_size\":0,\"started\":1700000000000,\"finished\":1700000060000,"
	"\"tests_passed\":0,\"tests_failed\":0,\"stages\":["
#define STAGE(name)                                                                                \
	"{\"stage\":\"" name "\",\"status\":\"pass\",\"wall_s\":1.25,\"cpu_s\":1.125,\"peak_memory\":" \
	"104857600,\"log_from\":0,\"log_to\":0,\"limits\":\"wall, memory, pids\"}"
	STAGE("fetch") "," STAGE("unpack") "," STAGE("prepare") "," STAGE("build") "," STAGE(
		"repair") "," STAGE("inspect") "," STAGE("install") "," STAGE("import") "," STAGE("test")
#undef STAGE
		"],\"files\":[],\"imports\":[]}";

static int64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "farm_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void measure(struct histogram *h, int64_t us)
{
	int64_t i = us / BUCKET_US;
	h->bucket[i < BUCKETS ? i : BUCKETS - 1]++;
	h->n++;
	h->most = us > h->most ? us : h->most;
}

static double percentile(const struct histogram *h, double share)
{
	uint64_t want = (uint64_t)((double)h->n * share);
	uint64_t seen = 0;
	for (int i = 0; i < BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen > want) {
			return (double)(i + 1) * BUCKET_US / 1000.0;
		}
	}
	return (double)h->most / 1000.0;
}

/* --- requests --- */

static void post(struct load *l, struct agent *a, const char *path, const char *body, size_t n)
{
	char text[8192];
	int head = snprintf(text, sizeof(text),
		"POST /api/v1/agent/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
		"Wheelfarm-Protocol: 1\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		path, a->token, n);
	memcpy(text + head, body, n);
	size_t size = (size_t)head + n;
	if (send(a->fd, text, size, MSG_NOSIGNAL) != (ssize_t)size) {
		die("send");
	}
	a->busy = true;
	a->n = 0;
}

static void say_hello(struct load *l, struct agent *a)
{
	char body[512];
	int n = snprintf(body, sizeof(body),
		"{\"protocol\":1,\"version\":\"load\",\"clock\":%lld000,\"slots\":1,\"capabilities\":{"
		"\"os\":"
		"\"linux\",\"arch\":\"x86_64\",\"modes\":[\"cross\"],\"toolchains\":[\"cross-zig\"],"
		"\"images\":[\"trixie-amd64-builder-1\"],\"cores\":2,\"memory_mb\":4096}}",
		(long long)time(NULL));
	a->asked = HELLO;
	a->since = now_us();
	post(l, a, "hello", body, (size_t)n);
}

static void ask_lease(struct load *l, struct agent *a, int64_t due)
{
	static const char body[] = "{\"slot\":0,\"wait_s\":0,\"free_disk_mb\":100000}";
	a->asked = LEASE;
	a->since = due;
	post(l, a, "lease", body, sizeof(body) - 1);
}

static void send_result(struct load *l, struct agent *a, int64_t due)
{
	char body[4096];
	int n = snprintf(body, sizeof(body), "%s%s%s", result_head, a->fence, result_tail);
	a->asked = RESULT;
	a->since = due;
	a->holds = false;
	l->started++;
	post(l, a, l->next != 0 ? "result?next=0" : "result", body, (size_t)n);
}

/* --- answers --- */

static bool take_fence(struct agent *a, const char *body)
{
	const char *at = strstr(body, "\"fence\":\"");
	if (at == NULL) {
		return false;
	}
	at += strlen("\"fence\":\"");
	size_t n = strcspn(at, "\"");
	if (n >= sizeof(a->fence)) {
		return false;
	}
	memcpy(a->fence, at, n);
	a->fence[n] = '\0';
	a->holds = true;
	return true;
}

static void finish(struct load *l, struct agent *a)
{
	if (!a->over) {
		a->over = true;
		l->over++;
	}
}

static void send_next(struct load *l, struct agent *a, int64_t due)
{
	if (a->holds) {
		send_result(l, a, due);
	} else {
		ask_lease(l, a, due);
	}
}

/* What this agent does next. */
static void go_on(struct load *l, struct agent *a)
{
	bool enough = l->count != 0 && l->started >= l->count;
	if (enough) {
		finish(l, a);
	} else if (l->rate != 0) {
		l->ready[(l->ready_first + l->ready_n++) % l->agents] = a - l->agent;
	} else {
		send_next(l, a, now_us());
	}
}

static void take_answer(struct load *l, struct agent *a, int status, const char *body)
{
	int64_t now = now_us();
	a->busy = false;
	if (a->asked == HELLO) {
		if (status != 200) {
			die(body);
		}
		/* the clock starts when all are there */
		if (++l->greeted == l->agents) {
			l->begin = now_us();
			for (long i = 0; i < l->agents; i++) {
				go_on(l, &l->agent[i]);
			}
		}
		return;
	}
	measure(&l->all, now - a->since);
	if (a->asked == RESULT && status == 200) {
		l->done++;
		l->end = now;
		take_fence(a, body);
	} else if (a->asked == LEASE && status == 200) {
		if (!take_fence(a, body)) {
			die("a lease without a fence");
		}
	} else if (a->asked == LEASE && (status == 204 || status == 410)) {
		finish(l, a);
		return;
	} else {
		l->refused++;
		fprintf(stderr, "farm_load: HTTP %d: %.200s\n", status, body);
	}
	go_on(l, a);
}

static void read_agent(struct load *l, struct agent *a)
{
	ssize_t n = recv(a->fd, a->in + a->n, ROOM - 1 - a->n, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN) {
		return;
	}
	if (n <= 0) {
		die("the server hung up");
	}
	a->n += (size_t)n;
	a->in[a->n] = '\0';
	const char *end = strstr(a->in, "\r\n\r\n");
	if (end == NULL) {
		return;
	}
	const char *length = strcasestr(a->in, "content-length:");
	size_t body = length != NULL && length < end ? (size_t)atol(length + 15) : 0;
	if ((size_t)(end + 4 - a->in) + body <= a->n) {
		take_answer(l, a, atoi(a->in + 9), end + 4);
	}
}

/* --- life --- */

static void connect_agent(struct load *l, struct agent *a, FILE *tokens)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)l->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1;
	if (fgets(a->token, sizeof(a->token), tokens) == NULL) {
		die("too few tokens");
	}
	a->token[strcspn(a->token, "\n")] = '\0';
	a->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (a->fd < 0 || connect(a->fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		die("connect");
	}
	setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = a};
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, a->fd, &event) != 0) {
		die("epoll");
	}
}

/* Sends what is due by now, at most as many as there are agents at hand. */
static void pace(struct load *l)
{
	while (l->rate != 0 && l->begin != 0 && l->ready_n > 0) {
		int64_t due = l->begin + l->paced * INT64_C(1000000) / l->rate;
		if (due > now_us() || (l->count != 0 && l->started >= l->count)) {
			return;
		}
		struct agent *a = &l->agent[l->ready[l->ready_first]];
		l->ready_first = (l->ready_first + 1) % l->agents;
		l->ready_n--;
		l->paced++;
		send_next(l, a, due);
	}
}

static bool is_over(const struct load *l)
{
	return l->over == l->agents || (l->count != 0 && l->done + l->refused >= l->count);
}

static void run(struct load *l)
{
	struct epoll_event events[EVENTS];
	const struct timespec slice = {.tv_nsec = SLICE_NS};
	while (!is_over(l)) {
		int n = epoll_pwait2(l->epoll, events, EVENTS, l->rate != 0 ? &slice : NULL, NULL);
		if (n < 0 && errno != EINTR) {
			die("epoll");
		}
		for (int i = 0; i < n; i++) {
			read_agent(l, events[i].data.ptr);
		}
		pace(l);
	}
}

static void report(const struct load *l)
{
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	double seconds = (double)(l->end - l->begin) / 1e6;
	double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	printf("{\"done\": %ld, \"refused\": %ld, \"seconds\": %.3f, \"per_second\": %.1f, "
		   "\"requests\": %llu, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"max_ms\": %.2f, "
		   "\"client_cpu_s\": %.2f}\n",
		l->done, l->refused, seconds, (double)l->done / seconds, (unsigned long long)l->all.n,
		percentile(&l->all, 0.5), percentile(&l->all, 0.99), (double)l->all.most / 1000.0, cpu);
}

static long option(int argc, char **argv, const char *name, long standard)
{
	size_t n = strlen(name);
	for (int i = 3; i < argc; i++) {
		if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=') {
			return atol(argv[i] + n + 1);
		}
	}
	return standard;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: farm_load PORT TOKENS [agents=N] [count=N] [rate=N] [next=0|1]\n");
		return 2;
	}
	static struct load l;
	l.port = atoi(argv[1]);
	l.agents = option(argc, argv, "agents", 1000);
	l.count = option(argc, argv, "count", 0);
	l.rate = option(argc, argv, "rate", 0);
	l.next = option(argc, argv, "next", 1);
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	l.agent = calloc((size_t)l.agents, sizeof(*l.agent));
	l.ready = calloc((size_t)l.agents, sizeof(*l.ready));
	FILE *tokens = fopen(argv[2], "r");
	if (l.agent == NULL || l.ready == NULL || tokens == NULL) {
		die(argv[2]);
	}
	for (long i = 0; i < l.agents; i++) {
		connect_agent(&l, &l.agent[i], tokens);
	}
	fclose(tokens);
	for (long i = 0; i < l.agents; i++) {
		say_hello(&l, &l.agent[i]);
	}
	run(&l);
	report(&l);
	return l.refused == 0 ? 0 : 1;
}
