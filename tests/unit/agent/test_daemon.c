/* The daemon against a coordinator that is a table of answers, over real sockets on one loop. The job
 * fails early (its source is a blob that is not there), so that no image is needed. */
#include "agent/daemon.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/io/file.h"
#include "job_fixture.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum { NEVER = 0, STOP = -1 }; /* no answer at all; and a SIGTERM to ourselves */

/* What is answered to the n-th request whose first line starts with `request`; the last one of a
 * request is answered for ever. */
struct answer {
	const char *request;
	int status;
	const char *body; /* "LEASE" stands for the lease */
};

struct server {
	uv_tcp_t tcp;
	const struct answer *answers;
	unsigned used[32];
	struct buf seen; /* first lines, one a line */
	struct buf result;
	bool unauthorised;
};

struct peer {
	uv_tcp_t tcp;
	struct server *server;
	struct buf in;
};

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
	*out = uv_buf_init(malloc(size), (unsigned)size);
}

static void on_peer_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data;
	buf_finish(&peer->in);
	free(peer);
}

static void on_written(uv_write_t *write, int status)
{
	free(write->data);
	free(write);
}

static const struct answer *choose(struct server *server, struct str line)
{
	const struct answer *chosen = NULL;
	for (size_t i = 0; server->answers[i].request != NULL; i++) {
		if (str_starts(line, server->answers[i].request)) {
			chosen = &server->answers[i];
			if (server->used[i] == 0) {
				server->used[i] = 1;
				return chosen;
			}
		}
	}
	return chosen;
}

static void answer(struct peer *peer, struct str head, struct str body)
{
	struct server *server = peer->server;
	struct str line = str_slice(head, 0, (size_t)str_find(head, '\r'));
	buf_printf(&server->seen, "%.*s\n", STR_ARG(line));
	if (str_find_text(head, STR("Authorization: Bearer secret-token")) < 0 ||
		str_find_text(head, STR("Wheelfarm-Protocol: 2")) < 0) {
		server->unauthorised = true;
	}
	if (str_starts(line, "POST /api/v1/agent/result")) {
		buf_clear(&server->result);
		buf_add_str(&server->result, body);
	}
	const struct answer *a = choose(server, line);
	int status = a != NULL ? a->status : 404;
	if (status == STOP) {
		raise(SIGTERM);
	}
	if (status <= NEVER) {
		return;
	}
	char *text = str_dup(str_from(a != NULL ? a->body : ""));
	if (strcmp(text, "LEASE") == 0) {
		char *job = job_fixture_json(41, "linux", SHA);
		free(text);
		text =
			str_format("{\"fence\":\"f3nce\",\"deadline\":0,\"hard_deadline\":0,\"heartbeat_s\":1,"
					   "\"job\":%s}",
				job);
		free(job);
	}
	char *out = str_format("HTTP/1.1 %d X\r\nContent-Length: %zu\r\nRetry-After: 0\r\n\r\n%s",
		status, strlen(text), status == 204 ? "" : text);
	uv_write_t *write = malloc(sizeof(*write));
	write->data = out;
	uv_buf_t b = uv_buf_init(out, (unsigned)strlen(out));
	uv_write(write, (uv_stream_t *)&peer->tcp, &b, 1, on_written);
	free(text);
}

static void take(struct peer *peer)
{
	for (;;) {
		struct str in = buf_view(&peer->in);
		ptrdiff_t end = str_find_text(in, STR("\r\n\r\n"));
		if (end < 0) {
			return;
		}
		struct str head = str_slice(in, 0, (size_t)end);
		ptrdiff_t length = str_find_text(head, STR("Content-Length: "));
		size_t body = length < 0 ? 0 : strtoul(head.p + length + 16, NULL, 10);
		if (in.n < (size_t)end + 4 + body) {
			return;
		}
		answer(peer, head, str_slice(in, (size_t)end + 4, (size_t)end + 4 + body));
		struct buf rest = {0};
		buf_add_str(&rest, str_slice(in, (size_t)end + 4 + body, in.n));
		buf_finish(&peer->in);
		peer->in = rest;
	}
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
	struct peer *peer = stream->data;
	if (n > 0) {
		buf_add(&peer->in, bytes->base, (size_t)n);
		take(peer);
	} else if (n < 0) {
		uv_close((uv_handle_t *)stream, on_peer_closed);
	}
	free(bytes->base);
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	peer->server = stream->data;
	peer->tcp.data = peer;
	uv_tcp_init(stream->loop, &peer->tcp);
	assert_int_equal(uv_accept(stream, (uv_stream_t *)&peer->tcp), 0);
	/* a connection that is kept alive must not keep the loop alive */
	uv_unref((uv_handle_t *)&peer->tcp);
	uv_read_start((uv_stream_t *)&peer->tcp, on_alloc, on_read);
}

static int listen_on(uv_loop_t *loop, struct server *server)
{
	struct sockaddr_in address;
	int length = sizeof(address);
	uv_ip4_addr("127.0.0.1", 0, &address);
	uv_tcp_init(loop, &server->tcp);
	server->tcp.data = server;
	assert_int_equal(uv_tcp_bind(&server->tcp, (struct sockaddr *)&address, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&server->tcp, 8, on_connection), 0);
	uv_unref((uv_handle_t *)&server->tcp);
	uv_tcp_getsockname(&server->tcp, (struct sockaddr *)&address, &length);
	return ntohs(address.sin_port);
}

static void close_all(uv_handle_t *handle, void *user)
{
	struct server *server = user;
	if (!uv_is_closing(handle)) {
		bool is_peer = handle != (uv_handle_t *)&server->tcp;
		uv_close(handle, is_peer ? on_peer_closed : NULL);
	}
}

/* Runs a daemon against the answers; its exit code. */
static int run_with(
	struct server *server, const struct answer *answers, bool once, int64_t min_free_mb)
{
	char workspace[] = "/tmp/test-daemon-XXXXXX";
	assert_non_null(mkdtemp(workspace));
	uv_loop_t loop;
	uv_loop_init(&loop);
	*server = (struct server){.answers = answers};
	char *address = str_format("http://127.0.0.1:%d", listen_on(&loop, server));
	struct agent agent = {
		.loop = &loop,
		.config =
			{
				.coordinator = address,
				.token = "secret-token",
				.name = "test",
				.slots = 1,
				.workspace = workspace,
				.cache = "/nowhere",
				.min_free_mb = min_free_mb,
			},
		.program = "/proc/self/exe",
		.sandbox = "none",
	};
	struct err e = {0};
	int code = daemon_run(&agent, once, &e);
	uv_walk(&loop, close_all, server);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_false(server->unauthorised);
	/* nothing of the job stays */
	char *left = file_join(workspace, "slot0-job41");
	struct buf listing = {0};
	assert_true(file_read(left, 10, &listing, NULL) == -2);
	buf_finish(&listing);
	free(left);
	file_remove_tree(workspace, NULL);
	free(address);
	return code;
}

static int run(struct server *server, const struct answer *answers, bool once)
{
	return run_with(server, answers, once, 1);
}

static unsigned count(const struct server *server, const char *request)
{
	unsigned n = 0;
	struct str rest = buf_view(&server->seen);
	struct str line;
	while (str_split(&rest, '\n', &line)) {
		n += str_starts(line, request);
	}
	return n;
}

static void finish(struct server *server)
{
	buf_finish(&server->seen);
	buf_finish(&server->result);
}

#define HELLO                                                                     \
	{                                                                             \
		"POST /api/v1/agent/hello", 200, "{\"agent\":\"test\",\"heartbeat_s\":1}" \
	}

static void a_job_is_taken_reported_and_acknowledged(void **state)
{
	static const struct answer answers[] = {
		{"POST /api/v1/agent/hello", 503, "starting"},
		HELLO,
		{"POST /api/v1/agent/lease", 204, ""},
		{"POST /api/v1/agent/lease", 200, "LEASE"},
		{"POST /api/v1/agent/lease", 410, "{}"},
		{"POST /api/v1/agent/log", 503, ""},
		{"POST /api/v1/agent/log", 409, "{\"error\":\"offset\",\"offset\":0}"},
		{"POST /api/v1/agent/log", 204, ""},
		{"GET /api/v1/agent/blob/", 404, "gone"},
		{"POST /api/v1/agent/result", 500, "restarting"},
		{"POST /api/v1/agent/result", 200, "{\"accepted\":true}"},
		{NULL, 0, NULL},
	};
	struct server server;
	assert_int_equal(run(&server, answers, false), 0);
	assert_int_equal(count(&server, "POST /api/v1/agent/hello"), 2);
	assert_int_equal(count(&server, "POST /api/v1/agent/lease"), 3);
	assert_int_equal(count(&server, "GET /api/v1/agent/blob/" SHA), 1);
	assert_int_equal(count(&server, "POST /api/v1/agent/log?fence=f3nce&offset=0"), 3);
	assert_int_equal(count(&server, "POST /api/v1/agent/result"), 2);
	struct str result = buf_view(&server.result);
	assert_true(str_find_text(result, STR("\"fence\":\"f3nce\"")) > 0);
	assert_true(str_find_text(result, STR("\"stage\":\"fetch\"")) > 0);
	assert_true(str_find_text(result, STR("\"reason\":\"network\"")) > 0);
	finish(&server);
}

static void a_host_without_disk_says_so(void **state)
{
	static const struct answer answers[] = {
		HELLO,
		{"POST /api/v1/agent/lease", 200, "LEASE"},
		{"POST /api/v1/agent/lease", 410, "{}"},
		{"POST /api/v1/agent/log", 204, ""},
		{"POST /api/v1/agent/result", 200, "{\"accepted\":true}"},
		{NULL, 0, NULL},
	};
	struct server server;
	assert_int_equal(run_with(&server, answers, false, INT64_C(1) << 40), 0);
	struct arena a = {0};
	struct result result = {0};
	struct err e = {0};
	/* a coordinator's own reader takes it */
	assert_int_equal(result_read(buf_view(&server.result), &a, &result, &e), 0);
	assert_string_equal(result.reason, "host_disk");
	assert_string_equal(result.stage, "fetch");
	assert_non_null(strstr(result.line, "are free for the workspace"));
	arena_finish(&a);
	finish(&server);
}

static void a_lost_lease_drops_the_work(void **state)
{
	static const struct answer answers[] = {
		HELLO,
		{"POST /api/v1/agent/lease", 200, "LEASE"},
		{"POST /api/v1/agent/lease", 410, "{}"},
		{"POST /api/v1/agent/log", 409, "{\"error\":\"lease_lost\"}"},
		{"GET /api/v1/agent/blob/", 404, "gone"},
		{"POST /api/v1/agent/result", 200, "{\"accepted\":true}"},
		{NULL, 0, NULL},
	};
	struct server server;
	assert_int_equal(run(&server, answers, false), 0);
	assert_int_equal(count(&server, "POST /api/v1/agent/result"), 0);
	assert_int_equal(count(&server, "POST /api/v1/agent/lease"), 2);
	finish(&server);
}

static void a_heartbeat_that_is_refused_ends_a_hanging_job(void **state)
{
	static const struct answer answers[] = {
		HELLO,
		{"POST /api/v1/agent/lease", 200, "LEASE"},
		{"POST /api/v1/agent/lease", 410, "{}"},
		{"POST /api/v1/agent/log", NEVER, ""},
		{"GET /api/v1/agent/blob/", NEVER, ""},
		{"POST /api/v1/agent/heartbeat", 409, "{\"error\":\"lease_lost\"}"},
		{NULL, 0, NULL},
	};
	struct server server;
	assert_int_equal(run(&server, answers, false), 0);
	assert_int_equal(count(&server, "POST /api/v1/agent/result"), 0);
	assert_int_equal(count(&server, "POST /api/v1/agent/lease"), 2);
	finish(&server);
}

static void a_signal_ends_a_hanging_job_at_once(void **state)
{
	static const struct answer answers[] = {
		HELLO,
		{"POST /api/v1/agent/lease", 200, "LEASE"},
		{"POST /api/v1/agent/log", 204, ""},
		{"GET /api/v1/agent/blob/", STOP, ""},
		{NULL, 0, NULL},
	};
	struct server server;
	int64_t began = clock_steady_ms();
	assert_int_equal(run(&server, answers, false), 0);
	assert_true(clock_steady_ms() - began < 15000);
	assert_int_equal(count(&server, "POST /api/v1/agent/result"), 0);
	assert_int_equal(count(&server, "POST /api/v1/agent/lease"), 1);
	finish(&server);
}

static void a_signal_ends_the_wait_for_a_lease(void **state)
{
	static const struct answer answers[] = {
		HELLO,
		{"POST /api/v1/agent/lease", STOP, ""},
		{NULL, 0, NULL},
	};
	struct server server;
	assert_int_equal(run(&server, answers, false), 0);
	finish(&server);
}

static void a_bad_token_ends_the_agent(void **state)
{
	static const struct answer answers[] = {
		{"POST /api/v1/agent/hello", 401, "{\"error\":\"token\"}"},
		{NULL, 0, NULL},
	};
	struct server server;
	assert_int_equal(run(&server, answers, false), AGENT_WORLD);
	assert_int_equal(count(&server, "POST"), 1);
	finish(&server);
}

static void a_coordinator_that_forgot_us_is_greeted_again(void **state)
{
	static const struct answer answers[] = {
		HELLO,
		{"POST /api/v1/agent/lease", 403, "{\"error\":\"denied\"}"},
		{"POST /api/v1/agent/lease", 410, "{}"},
		{NULL, 0, NULL},
	};
	struct server server;
	assert_int_equal(run(&server, answers, false), 0);
	assert_int_equal(count(&server, "POST /api/v1/agent/hello"), 2);
	finish(&server);
}

static void once_ends_when_there_is_nothing_to_do(void **state)
{
	static const struct answer answers[] = {
		HELLO,
		{"POST /api/v1/agent/lease", 204, ""},
		{NULL, 0, NULL},
	};
	struct server server;
	assert_int_equal(run(&server, answers, true), 0);
	assert_int_equal(count(&server, "POST /api/v1/agent/lease"), 1);
	finish(&server);
}

static void waiting_grows_and_is_bounded(void **state)
{
	for (unsigned tries = 1; tries < 40; tries++) {
		uint64_t ms = client_backoff_ms(tries, -1);
		assert_true(ms >= 250 && ms <= 30000);
		assert_true(tries > 1 || ms <= 500);
		assert_true(tries < 10 || ms >= 15000);
	}
	assert_true(client_backoff_ms(1, 7) >= 7000);
	assert_true(client_backoff_ms(1, 1000000) <= 450000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_is_taken_reported_and_acknowledged),
		cmocka_unit_test(a_host_without_disk_says_so),
		cmocka_unit_test(a_lost_lease_drops_the_work),
		cmocka_unit_test(a_heartbeat_that_is_refused_ends_a_hanging_job),
		cmocka_unit_test(a_signal_ends_a_hanging_job_at_once),
		cmocka_unit_test(a_signal_ends_the_wait_for_a_lease),
		cmocka_unit_test(a_bad_token_ends_the_agent),
		cmocka_unit_test(a_coordinator_that_forgot_us_is_greeted_again),
		cmocka_unit_test(once_ends_when_there_is_nothing_to_do),
		cmocka_unit_test(waiting_grows_and_is_bounded),
	};
	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
