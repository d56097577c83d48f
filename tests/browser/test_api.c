/* The agents' API over a real socket, with a real queue and database behind it. */
#include "fixture.h"
#include "web/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct api {
	struct fixture f;
	struct server *server;
	char token[128];
	bool stopped;
};

static void start_server(struct api *a)
{
	struct err e = {0};
	const struct server_options options = {
		.database = a->f.database, .blobs = &a->f.blobs, .queue = a->f.queue};
	if (server_start(&a->f.loop, &options, &a->server, &e) != 0) {
		fail_msg("%s", e.text);
	}
}

static void on_admitted(void *user, int code, const char *token, const struct err *e)
{
	struct api *a = user;
	assert_int_equal(code, 0);
	snprintf(a->token, sizeof(a->token), "%s", token);
}

static int set_up(void **state)
{
	struct api *a = MEM_NEW(struct api);
	fixture_init(&a->f, NULL);
	fixture_start(&a->f);
	queue_agent_add(a->f.queue, "one", false, false, on_admitted, a);
	fixture_settle(&a->f);
	start_server(a);
	*state = a;
	return 0;
}

static void on_stopped(void *user)
{
	((struct api *)user)->stopped = true;
}

static void turn(struct api *a)
{
	uv_run(&a->f.loop, UV_RUN_NOWAIT);
	usleep(1000);
}

static int tear_down(void **state)
{
	struct api *a = *state;
	if (!a->stopped) {
		server_stop(a->server, on_stopped, a);
	}
	for (int i = 0; i < 5000 && !a->stopped; i++) {
		turn(a);
	}
	assert_true(a->stopped);
	fixture_stop(&a->f);
	fixture_finish(&a->f);
	free(a);
	return 0;
}

static int send_request(struct api *a, const char *head, const char *headers, const char *body)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)server_port(a->server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct buf text = {0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	buf_printf(&text,
		"%s HTTP/1.1\r\nHost: farm\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n%s", head,
		strlen(body), headers, body);
	assert_int_equal(write(fd, text.p, text.n), text.n);
	buf_finish(&text);
	return fd;
}

/* Turns the loop until the server closed, at most 10 s; the status, the body in `out`. */
static int read_answer(struct api *a, int fd, struct buf *out)
{
	struct buf answer = {0};
	ssize_t n = -1;
	for (int i = 0; i < 10000 && n != 0; i++) {
		char bytes[4096];
		turn(a);
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n > 0) {
			buf_add(&answer, bytes, (size_t)n);
		}
	}
	close(fd);
	int status = 0;
	ptrdiff_t end = str_find_text(buf_view(&answer), STR("\r\n\r\n"));
	assert_true(end > 0 && sscanf(answer.p, "HTTP/1.1 %d", &status) == 1);
	buf_clear(out);
	buf_add_str(out, str_slice(buf_view(&answer), (size_t)end + 4, answer.n));
	buf_finish(&answer);
	return status;
}

static int ask(struct api *a, const char *head, const char *body, struct buf *out)
{
	char headers[256];
	snprintf(headers, sizeof(headers), "Authorization: Bearer %s\r\nWheelfarm-Protocol: 1\r\n",
		a->token);
	return read_answer(a, send_request(a, head, headers, body), out);
}

static int begin_lease(struct api *a)
{
	char headers[256];
	snprintf(headers, sizeof(headers), "Authorization: Bearer %s\r\nWheelfarm-Protocol: 1\r\n",
		a->token);
	return send_request(a, "POST /api/v1/agent/lease", headers,
		"{\"slot\":1,\"wait_s\":30,\"free_disk_mb\":100000}");
}

static void say_hello(struct api *a)
{
	struct buf out = {0};
	char *hello = str_format("{\"protocol\":1,\"version\":\"t\",\"clock\":%lld,\"slots\":2,"
							 "\"capabilities\":{\"os\":\"linux\",\"arch\":\"x86_64\",\"modes\":[],"
							 "\"toolchains\":[],\"images\":[],\"targets\":[],\"cores\":2,"
							 "\"memory_mb\":1000,\"page_size\":4096,\"free_disk_mb\":100000}}",
		(long long)a->f.now);
	int status = ask(a, "POST /api/v1/agent/hello", hello, &out);
	if (status != 200) {
		fail_msg("hello: %d %s", status, out.p);
	}
	assert_non_null(strstr(out.p, "\"heartbeat_s\""));
	free(hello);
	buf_finish(&out);
}

/* Turns the loop until `n` lease requests wait in the queue, at most 5 s. */
static void await_waiting(struct api *a, size_t n)
{
	struct queue_counts counts;
	for (int i = 0; i < 5000; i++) {
		turn(a);
		queue_counts(a->f.queue, &counts);
		if (counts.waiting == n) {
			return;
		}
	}
	fail_msg("%zu lease requests wait, not %zu", counts.waiting, n);
}

static void test_refusals(void **state)
{
	struct api *a = *state;
	struct buf out = {0};
	const char *lease = "POST /api/v1/agent/lease";
	assert_int_equal(read_answer(a, send_request(a, lease, "", "{}"), &out), 401);
	assert_non_null(strstr(out.p, "\"error\":\"token\""));
	assert_int_equal(
		read_answer(a, send_request(a, lease, "Authorization: Bearer nope\r\n", "{}"), &out), 401);
	char headers[200];
	snprintf(headers, sizeof(headers), "Authorization: Bearer %s\r\nWheelfarm-Protocol: 4\r\n",
		a->token);
	assert_int_equal(read_answer(a, send_request(a, lease, headers, "{}"), &out), 426);
	assert_int_equal(ask(a, lease, "{\"slot\":", &out), 400);
	assert_int_equal(ask(a, lease, "{\"slot\":1,\"wait_s\":1,\"free_disk_mb\":1}", &out), 403);
	char *large = mem_new((2 << 20) + 1, 1);
	memset(large, 'x', 2 << 20);
	assert_int_equal(ask(a, "POST /api/v1/agent/hello", large, &out), 413);
	free(large);
	assert_int_equal(ask(a, "GET /api/v1/agent/blob/../../etc/passwd", "", &out), 404);
	assert_int_equal(ask(a, "GET /api/v1/agent/blob/abc", "", &out), 404);
	buf_finish(&out);
}

static void test_a_job_from_lease_to_result(void **state)
{
	struct api *a = *state;
	struct buf out = {0};
	struct fixture_job job = {.name = "demo", .kind = "control"};
	char fence[80] = "";
	char head[200];
	say_hello(a);
	int fd = begin_lease(a);
	await_waiting(a, 1);
	fixture_add(&a->f, &job);
	assert_int_equal(read_answer(a, fd, &out), 200);
	const char *at = strstr(out.p, "\"fence\":\"");
	assert_non_null(at);
	sscanf(at, "\"fence\":\"%79[^\"]", fence);

	char *beat = str_format("{\"fence\":\"%s\",\"stage\":\"fetch\"}", fence);
	assert_int_equal(ask(a, "POST /api/v1/agent/heartbeat", beat, &out), 200);
	assert_non_null(strstr(out.p, "\"deadline\""));
	free(beat);
	assert_int_equal(
		ask(a, "POST /api/v1/agent/heartbeat", "{\"fence\":\"f00\",\"stage\":\"fetch\"}", &out),
		409);
	assert_non_null(strstr(out.p, "\"error\":\"lease_lost\""));

	snprintf(head, sizeof(head), "POST /api/v1/agent/log?fence=%s&offset=0", fence);
	assert_int_equal(ask(a, head, "hello\n", &out), 204);
	assert_int_equal(ask(a, head, "again\n", &out), 409);
	assert_non_null(strstr(out.p, "\"error\":\"offset\",\"offset\":6"));

	/* printf hello | sha256sum */
	const char *hex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
	snprintf(
		head, sizeof(head), "PUT /api/v1/agent/upload/%s?fence=%s&offset=0&total=5", hex, fence);
	assert_int_equal(ask(a, head, "hello", &out), 200);
	assert_string_equal(out.p, "{\"size\":5,\"complete\":true}");
	snprintf(head, sizeof(head), "GET /api/v1/agent/upload/%s?fence=%s", hex, fence);
	assert_int_equal(ask(a, head, "", &out), 200);
	assert_string_equal(out.p, "{\"size\":5,\"complete\":true}");
	snprintf(head, sizeof(head), "GET /api/v1/agent/blob/%s", hex);
	assert_int_equal(ask(a, head, "", &out), 200);
	assert_string_equal(out.p, "hello");

	char *result = fixture_result(fence, "fail", "build", "compile_error");
	assert_int_equal(ask(a, "POST /api/v1/agent/result", result, &out), 200);
	assert_string_equal(out.p, "{\"accepted\":true}");
	assert_int_equal(ask(a, "POST /api/v1/agent/result", result, &out), 200);
	free(result);
	assert_true(queue_is_empty(a->f.queue));
	queue_set_draining(a->f.queue, true);
	assert_int_equal(ask(a, "POST /api/v1/agent/lease",
						 "{\"slot\":1,\"wait_s\":1,\"free_disk_mb\":100000}", &out),
		410);
	buf_finish(&out);
}

static void test_client_that_hangs_up_waits_no_more(void **state)
{
	struct api *a = *state;
	say_hello(a);
	int fd = begin_lease(a);
	await_waiting(a, 1);
	close(fd);
	await_waiting(a, 0);
}

static void test_stop_ends_waiting_requests(void **state)
{
	struct api *a = *state;
	struct buf out = {0};
	say_hello(a);
	int fd = begin_lease(a);
	await_waiting(a, 1);
	server_stop(a->server, on_stopped, a);
	assert_int_equal(read_answer(a, fd, &out), 503);
	buf_finish(&out);
}

static void test_port_taken_is_said(void **state)
{
	struct api *a = *state;
	struct server *second;
	struct err e = {0};
	struct server_options options = {
		.database = a->f.database, .blobs = &a->f.blobs, .port = server_port(a->server)};
	assert_true(server_start(&a->f.loop, &options, &second, &e) < 0);
	assert_null(second);
	assert_non_null(strstr(e.text, "is taken by another program"));
	options.address = "0.0.0.0";
	assert_int_equal(server_start(&a->f.loop, &options, &second, &e), ERR_DENIED);
	options.address = "example.org";
	assert_int_equal(server_start(&a->f.loop, &options, &second, &e), ERR_INVALID);
	options = (struct server_options){.database = "/nowhere/facts.db", .blobs = &a->f.blobs};
	assert_true(server_start(&a->f.loop, &options, &second, &e) < 0);
	assert_null(second);
}

#define API_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		API_TEST(test_refusals),
		API_TEST(test_a_job_from_lease_to_result),
		API_TEST(test_client_that_hangs_up_waits_no_more),
		API_TEST(test_stop_ends_waiting_requests),
		API_TEST(test_port_taken_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
