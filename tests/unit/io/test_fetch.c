#include "core/io/fetch.h"
#include "core/io/file.h"
#include "core/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct server {
	pid_t pid;
	int input; /* it ends when this is closed */
	int port;
};

static int start_server(void **state)
{
	struct server *s = calloc(1, sizeof(*s));
	*state = s;
	int in[2];
	int out[2];
	if (pipe2(in, 0) != 0 || pipe(out) != 0) {
		return -1;
	}
	s->pid = fork();
	if (s->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		execl(TEST_PYTHON, "python3", TEST_DATA "/http_server.py", (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	s->input = in[1];
	char line[16] = {0};
	ssize_t n = read(out[0], line, sizeof(line) - 1);
	close(out[0]);
	s->port = n > 0 ? atoi(line) : 0;
	return s->port != 0 ? 0 : -1;
}

static int stop_server(void **state)
{
	struct server *s = *state;
	close(s->input);
	waitpid(s->pid, NULL, 0);
	free(s);
	return 0;
}

struct get {
	uv_loop_t *loop;
	struct fetch *client;
	struct fetch_request request;
	struct fetch_transfer *transfer;
	char *url;
	int ends;
	int code;
	char text[512];
	long status;
	char *effective_url;
	char *content_type;
	char *etag;
	char *serial;
	int64_t retry_after_s;
	uint64_t received;
	struct buf body;
	struct get *then; /* started from inside on_body or on_end */
	bool then_in_body;
	bool cancel_in_body;
	bool destroy_in_body;
	bool destroy_in_end;
	int body_code;
};

static void go(struct get *g);

static int on_body(void *user, const struct fetch_response *r, struct str piece, struct err *e)
{
	struct get *g = user;
	g->status = r->status;
	buf_add_str(&g->body, piece);
	if (g->then != NULL && g->then_in_body) {
		go(g->then);
		g->then = NULL;
	}
	if (g->cancel_in_body) {
		fetch_cancel(g->transfer);
	}
	if (g->destroy_in_body) {
		fetch_destroy(g->client);
		g->client = NULL;
	}
	return g->body_code < 0 ? err_set(e, g->body_code, "enough of it") : 0;
}

static void on_end(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct get *g = user;
	g->ends++;
	g->code = code;
	g->status = r->status;
	g->received = r->received;
	g->retry_after_s = r->retry_after_s;
	g->effective_url = str_dup(str_from(r->effective_url));
	g->content_type = str_dup(str_from(r->content_type));
	g->etag = str_dup(str_from(r->etag));
	g->serial = str_dup(str_from(r->serial));
	if (code < 0) {
		snprintf(g->text, sizeof(g->text), "%s", e->text);
	}
	if (g->request.on_body == NULL) {
		buf_add_str(&g->body, body);
	} else {
		assert_int_equal(body.n, 0);
	}
	if (g->then != NULL) {
		go(g->then);
	}
	if (g->destroy_in_end) {
		fetch_destroy(g->client);
		g->client = NULL;
	}
}

static void go(struct get *g)
{
	g->request.url = g->url;
	g->request.on_end = on_end;
	g->request.user = g;
	g->transfer = fetch_start(g->client, &g->request);
	assert_int_equal(g->ends, 0);
}

static struct get get_of(struct server *s, const char *path)
{
	return (struct get){.url = str_format("http://127.0.0.1:%d%s", s->port, path)};
}

static void clean(struct get *g)
{
	free(g->url);
	free(g->effective_url);
	free(g->content_type);
	free(g->etag);
	free(g->serial);
	buf_finish(&g->body);
}

/* Runs `n` transfers on a fresh client; those with `then` start theirs. */
static void run(struct get *const *gets, size_t n)
{
	uv_loop_t loop;
	uv_loop_init(&loop);
	const struct fetch_options options = {.user_agent = "test/1"};
	struct fetch *client = fetch_create(&loop, &options);
	for (size_t i = 0; i < n; i++) {
		gets[i]->client = client;
		if (gets[i]->then != NULL) {
			gets[i]->then->client = client;
		}
		go(gets[i]);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	bool destroyed = false;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(gets[i]->ends, 1);
		destroyed = destroyed || gets[i]->client == NULL;
	}
	if (!destroyed) {
		fetch_destroy(client);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void run_one(struct get *g)
{
	run(&g, 1);
}

static void check_error(struct get *g, int code, const char *words)
{
	run_one(g);
	if (g->code != code || strstr(g->text, words) == NULL) {
		fail_msg("%s: %d '%s'", g->url, g->code, g->text);
	}
	assert_int_equal(g->request.on_body == NULL ? g->body.n : 0, 0);
	clean(g);
}

static void test_response(void **state)
{
	struct get g = get_of(*state, "/hello");
	run_one(&g);
	assert_int_equal(g.code, 0);
	assert_int_equal(g.status, 200);
	assert_string_equal(g.body.p, "hello");
	assert_string_equal(g.etag, "\"e1\"");
	assert_string_equal(g.serial, "77");
	assert_string_equal(g.content_type, "text/plain");
	assert_string_equal(g.effective_url, g.url);
	assert_int_equal(g.retry_after_s, -1);
	assert_int_equal(g.received, 5);
	clean(&g);
	g = get_of(*state, "/nothing");
	run_one(&g);
	assert_int_equal(g.code, 0);
	assert_int_equal(g.status, 404);
	assert_string_equal(g.content_type, "");
	clean(&g);
	g = get_of(*state, "/busy");
	run_one(&g);
	assert_int_equal(g.status, 429);
	assert_int_equal(g.retry_after_s, 7);
	clean(&g);
	g = get_of(*state, "/hello");
	g.request.method = "HEAD";
	run_one(&g);
	assert_int_equal(g.code, 0);
	assert_int_equal(g.body.n, 0);
	clean(&g);
}

static void test_gzip(void **state)
{
	struct get g = get_of(*state, "/gzip");
	run_one(&g);
	assert_int_equal(g.code, 0);
	assert_int_equal(g.body.n, 6000);
	assert_true(str_starts(buf_view(&g.body), "words words "));
	assert_true(g.received < 200);
	clean(&g);
	/* the bytes as they lie there */
	static const char *const as_is[] = {"Accept-Encoding: gzip", NULL};
	g = get_of(*state, "/gzip");
	g.request.headers = as_is;
	run_one(&g);
	assert_true(str_starts(buf_view(&g.body), "\x1f\x8b"));
	clean(&g);
}

static void test_limits(void **state)
{
	struct get g = get_of(*state, "/bomb");
	g.request.limit = 1 << 20;
	check_error(&g, ERR_TOO_LARGE, "more than 1048576 bytes");
	g = get_of(*state, "/endless");
	g.request.limit = 1 << 20;
	check_error(&g, ERR_TOO_LARGE, "/endless");
	g = get_of(*state, "/endless");
	g.request.limit = 1 << 20;
	g.request.on_body = on_body;
	run_one(&g);
	assert_int_equal(g.code, ERR_TOO_LARGE);
	assert_true(g.body.n <= 1 << 20);
	clean(&g);
	g = get_of(*state, "/headers");
	check_error(&g, ERR_TOO_LARGE, "headers");
	g = get_of(*state, "/hello");
	g.request.limit = 4; /* told by Content-Length */
	check_error(&g, ERR_TOO_LARGE, "/hello");
	g = get_of(*state, "/hello");
	g.request.limit = 5;
	run_one(&g);
	assert_int_equal(g.code, 0);
	clean(&g);
}

static void test_redirects(void **state)
{
	struct server *s = *state;
	struct get g = get_of(s, "/to?/hello");
	run_one(&g);
	assert_string_equal(g.body.p, "hello");
	assert_true(str_ends(str_from(g.effective_url), "/hello"));
	assert_string_equal(g.etag, "\"e1\"");
	clean(&g);
	g = get_of(s, "/to?/busy");
	run_one(&g);
	assert_string_equal(g.etag, ""); /* not the redirect's */
	clean(&g);
	g = get_of(s, "/to?/hello");
	g.request.no_redirects = true;
	run_one(&g);
	assert_int_equal(g.status, 302);
	clean(&g);
	g = get_of(s, "/loop");
	check_error(&g, ERR_HTTP, "redirects");
	static const char *const schemes[] = {
		"/to?file:///etc/passwd", "/to?ftp://127.0.0.1/x", "/to?gopher://127.0.0.1:1/x"};
	for (size_t i = 0; i < 3; i++) {
		g = get_of(s, schemes[i]);
		g.request.allow_file = true; /* what the user may name, a server may not */
		check_error(&g, ERR_DENIED, "rotocol");
	}
}

static void test_schemes(void **state)
{
	char path[] = "/tmp/wheelfarm-fetch-XXXXXX";
	close(mkstemp(path));
	assert_int_equal(file_write_atomic(path, STR("from a file"), NULL), 0);
	struct get g = {.url = str_format("file://%s", path)};
	check_error(&g, ERR_DENIED, "file");
	g = (struct get){.url = str_format("file://%s", path), .request.allow_file = true};
	run_one(&g);
	assert_int_equal(g.code, 0);
	assert_string_equal(g.body.p, "from a file");
	clean(&g);
	unlink(path);
	g = (struct get){.url = str_format("file://%s", path), .request.allow_file = true};
	check_error(&g, ERR_NOT_FOUND, path);
	g = (struct get){.url = str_dup(STR("ftp://127.0.0.1/x"))};
	check_error(&g, ERR_DENIED, "ftp");
	g = (struct get){.url = str_dup(STR("http://[nonsense"))};
	check_error(&g, ERR_INVALID, "not a URL");
}

/* A port that is closed for sure: bound and let go. */
static int closed_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static void test_network_errors(void **state)
{
	struct get g = {
		.url = str_format("http://user:secret@127.0.0.1:%d/x?token=secret", closed_port())};
	run_one(&g);
	assert_int_equal(g.code, ERR_NETWORK);
	assert_non_null(strstr(g.text, "/x: "));
	assert_null(strstr(g.text, "secret"));
	assert_null(strstr(g.text, "user"));
	clean(&g);
	g = get_of(*state, "/cut");
	check_error(&g, ERR_NETWORK, "/cut");
	g = get_of(*state, "/slow");
	g.request.timeout_ms = 300;
	check_error(&g, ERR_TIMEOUT, "/slow");
}

static void test_credentials_are_sent(void **state)
{
	struct server *s = *state;
	struct get g = {.url = str_format("http://user:secret@127.0.0.1:%d/see", s->port)};
	run_one(&g);
	assert_non_null(strstr(g.body.p, "Authorization: Basic dXNlcjpzZWNyZXQ="));
	assert_non_null(strstr(g.body.p, "User-Agent: test/1"));
	assert_null(strstr(g.effective_url, "secret"));
	clean(&g);
}

static void test_upload(void **state)
{
	static const char *const type[] = {"Content-Type: application/json", NULL};
	struct get g = get_of(*state, "/echo");
	g.request.method = "POST";
	g.request.body = STR("{}");
	g.request.headers = type;
	run_one(&g);
	assert_string_equal(g.body.p, "POST application/json {}");
	clean(&g);
	g = get_of(*state, "/echo");
	g.request.method = "POST";
	g.request.headers = type;
	run_one(&g);
	assert_string_equal(g.body.p, "POST application/json ");
	clean(&g);
	char path[] = "/tmp/wheelfarm-fetch-XXXXXX";
	close(mkstemp(path));
	assert_int_equal(file_write_atomic(path, STR("0123456789"), NULL), 0);
	g = get_of(*state, "/echo");
	g.request.method = "PUT";
	g.request.body_file = path;
	g.request.body_offset = 4;
	g.request.headers = type;
	run_one(&g);
	assert_string_equal(g.body.p, "PUT application/json 456789");
	clean(&g);
	g = get_of(*state, "/echo");
	g.request.method = "PUT";
	g.request.body_file = path;
	g.request.body_offset = 11;
	check_error(&g, ERR_INVALID, "shorter");
	unlink(path);
	g = get_of(*state, "/echo");
	g.request.method = "PUT";
	g.request.body_file = path;
	check_error(&g, -2, path);
}

static void test_start_from_callbacks(void **state)
{
	for (int in_body = 0; in_body < 2; in_body++) {
		struct get second = get_of(*state, "/gzip");
		struct get first = get_of(*state, "/hello");
		first.request.on_body = on_body;
		first.then = &second;
		first.then_in_body = in_body != 0;
		run_one(&first);
		assert_int_equal(first.code, 0);
		assert_int_equal(second.ends, 1);
		assert_int_equal(second.code, 0);
		assert_int_equal(second.body.n, 6000);
		clean(&first);
		clean(&second);
	}
}

static void test_body_refused(void **state)
{
	struct get g = get_of(*state, "/endless");
	g.request.on_body = on_body;
	g.body_code = ERR_CORRUPT;
	run_one(&g);
	assert_int_equal(g.code, ERR_CORRUPT);
	assert_string_equal(g.text, "enough of it");
	clean(&g);
}

static void on_cancel_timer(uv_timer_t *timer)
{
	struct get *g = timer->data;
	fetch_cancel(g->transfer);
	fetch_cancel(g->transfer);
	assert_int_equal(g->ends, 0);
}

static void test_cancel(void **state)
{
	struct get g = get_of(*state, "/endless");
	g.request.on_body = on_body;
	g.cancel_in_body = true;
	run_one(&g);
	assert_int_equal(g.code, ERR_CANCELLED);
	clean(&g);

	uv_loop_t loop;
	uv_loop_init(&loop);
	uv_timer_t timer;
	const struct fetch_options options = {0};
	struct get slow = get_of(*state, "/slow");
	struct get at_once = get_of(*state, "/hello");
	slow.client = at_once.client = fetch_create(&loop, &options);
	go(&slow);
	go(&at_once);
	fetch_cancel(at_once.transfer); /* before curl knew of it */
	uv_timer_init(&loop, &timer);
	timer.data = &slow;
	uv_timer_start(&timer, on_cancel_timer, 100, 0);
	uint64_t before = uv_hrtime();
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(uv_hrtime() - before < 2000000000);
	assert_int_equal(slow.code, ERR_CANCELLED);
	assert_int_equal(at_once.code, ERR_CANCELLED);
	uv_close((uv_handle_t *)&timer, NULL);
	fetch_destroy(slow.client);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	clean(&slow);
	clean(&at_once);
}

static void test_destroy(void **state)
{
	uv_loop_t loop;
	uv_loop_init(&loop);
	const struct fetch_options options = {0};
	struct get slow = get_of(*state, "/slow");
	slow.client = fetch_create(&loop, &options);
	go(&slow);
	for (int i = 0; i < 20; i++) {
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	fetch_destroy(slow.client);
	assert_int_equal(slow.ends, 1);
	assert_int_equal(slow.code, ERR_CANCELLED);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	clean(&slow);
	/* from inside its own callbacks */
	struct get g = get_of(*state, "/endless");
	g.request.on_body = on_body;
	g.destroy_in_body = true;
	run_one(&g);
	assert_int_equal(g.code, ERR_CANCELLED);
	clean(&g);
	struct get a = get_of(*state, "/hello");
	struct get b = get_of(*state, "/slow");
	a.destroy_in_end = true;
	run((struct get *[]){&a, &b}, 2);
	assert_int_equal(a.code, 0);
	assert_int_equal(b.code, ERR_CANCELLED);
	clean(&a);
	clean(&b);
}

static void test_many(void **state)
{
	enum { MANY = 600 };
	struct get *gets[MANY];
	for (int i = 0; i < MANY; i++) {
		gets[i] = MEM_NEW(struct get);
		*gets[i] = get_of(*state, i % 3 == 0 ? "/gzip" : "/hello");
	}
	run(gets, MANY);
	for (int i = 0; i < MANY; i++) {
		if (gets[i]->code != 0) {
			fail_msg("%d: %s", i, gets[i]->text);
		}
		assert_int_equal(gets[i]->body.n, i % 3 == 0 ? 6000 : 5);
		clean(gets[i]);
		free(gets[i]);
	}
}

int main(void)
{
	/* a proxy of the environment is not for loopback */
	setenv("no_proxy", "127.0.0.1", 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_response),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_redirects),
		cmocka_unit_test(test_schemes),
		cmocka_unit_test(test_network_errors),
		cmocka_unit_test(test_credentials_are_sent),
		cmocka_unit_test(test_upload),
		cmocka_unit_test(test_start_from_callbacks),
		cmocka_unit_test(test_body_refused),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_destroy),
		cmocka_unit_test(test_many),
	};
	return cmocka_run_group_tests_name("fetch", tests, start_server, stop_server);
}
