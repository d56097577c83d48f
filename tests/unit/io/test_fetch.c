#include "core/io/fetch.h"
#include "core/io/file.h"

#include "fetch_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_response(void **state)
{
	struct get g = get_of(*state, "/hello");
	get_run_one(&g);
	assert_int_equal(g.code, 0);
	assert_int_equal(g.status, 200);
	assert_string_equal(g.body.p, "hello");
	assert_string_equal(g.etag, "\"e1\"");
	assert_string_equal(g.serial, "77");
	assert_string_equal(g.content_type, "text/plain");
	assert_string_equal(g.effective_url, g.url);
	assert_int_equal(g.retry_after_s, -1);
	assert_int_equal(g.received, 5);
	get_clean(&g);
	g = get_of(*state, "/nothing");
	get_run_one(&g);
	assert_int_equal(g.code, 0);
	assert_int_equal(g.status, 404);
	assert_string_equal(g.content_type, "");
	get_clean(&g);
	g = get_of(*state, "/busy");
	get_run_one(&g);
	assert_int_equal(g.status, 429);
	assert_int_equal(g.retry_after_s, 7);
	get_clean(&g);
	g = get_of(*state, "/hello");
	g.request.method = "HEAD";
	get_run_one(&g);
	assert_int_equal(g.code, 0);
	assert_int_equal(g.body.n, 0);
	get_clean(&g);
}

static void test_gzip(void **state)
{
	struct get g = get_of(*state, "/gzip");
	get_run_one(&g);
	assert_int_equal(g.code, 0);
	assert_int_equal(g.body.n, 6000);
	assert_true(str_starts(buf_view(&g.body), "words words "));
	assert_true(g.received < 200);
	get_clean(&g);
	/* the bytes as they lie there */
	static const char *const as_is[] = {"Accept-Encoding: gzip", NULL};
	g = get_of(*state, "/gzip");
	g.request.headers = as_is;
	get_run_one(&g);
	assert_true(str_starts(buf_view(&g.body), "\x1f\x8b"));
	get_clean(&g);
}

static void test_limits(void **state)
{
	struct get g = get_of(*state, "/bomb");
	g.request.limit = 1 << 20;
	get_check_error(&g, ERR_TOO_LARGE, "more than 1048576 bytes");
	g = get_of(*state, "/endless");
	g.request.limit = 1 << 20;
	get_check_error(&g, ERR_TOO_LARGE, "/endless");
	g = get_of(*state, "/endless");
	g.request.limit = 1 << 20;
	g.request.on_body = get_on_body;
	get_run_one(&g);
	assert_int_equal(g.code, ERR_TOO_LARGE);
	assert_true(g.body.n <= 1 << 20);
	get_clean(&g);
	g = get_of(*state, "/headers");
	get_check_error(&g, ERR_TOO_LARGE, "headers");
	g = get_of(*state, "/hello");
	g.request.limit = 4; /* told by Content-Length */
	get_check_error(&g, ERR_TOO_LARGE, "/hello");
	g = get_of(*state, "/hello");
	g.request.limit = 5;
	get_run_one(&g);
	assert_int_equal(g.code, 0);
	get_clean(&g);
}

static void test_redirects(void **state)
{
	struct server *s = *state;
	struct get g = get_of(s, "/to?/hello");
	get_run_one(&g);
	assert_string_equal(g.body.p, "hello");
	assert_true(str_ends(str_from(g.effective_url), "/hello"));
	assert_string_equal(g.etag, "\"e1\"");
	get_clean(&g);
	g = get_of(s, "/to?/busy");
	get_run_one(&g);
	assert_string_equal(g.etag, ""); /* not the redirect's */
	get_clean(&g);
	g = get_of(s, "/to?/hello");
	g.request.no_redirects = true;
	get_run_one(&g);
	assert_int_equal(g.status, 302);
	get_clean(&g);
	g = get_of(s, "/loop");
	get_check_error(&g, ERR_HTTP, "redirects");
	static const char *const schemes[] = {
		"/to?file:///etc/passwd", "/to?ftp://127.0.0.1/x", "/to?gopher://127.0.0.1:1/x"};
	for (size_t i = 0; i < 3; i++) {
		g = get_of(s, schemes[i]);
		g.request.allow_file = true; /* what the user may name, a server may not */
		get_check_error(&g, ERR_DENIED, "rotocol");
	}
}

static void test_schemes(void **state)
{
	char path[] = "/tmp/wheelfarm-fetch-XXXXXX";
	close(mkstemp(path));
	assert_int_equal(file_write_atomic(path, STR("from a file"), NULL), 0);
	struct get g = {.url = str_format("file://%s", path)};
	get_check_error(&g, ERR_DENIED, "file");
	g = (struct get){.url = str_format("file://%s", path), .request.allow_file = true};
	get_run_one(&g);
	assert_int_equal(g.code, 0);
	assert_string_equal(g.body.p, "from a file");
	get_clean(&g);
	unlink(path);
	g = (struct get){.url = str_format("file://%s", path), .request.allow_file = true};
	get_check_error(&g, ERR_NOT_FOUND, path);
	g = (struct get){.url = str_dup(STR("ftp://127.0.0.1/x"))};
	get_check_error(&g, ERR_DENIED, "ftp");
	g = (struct get){.url = str_dup(STR("http://[nonsense"))};
	get_check_error(&g, ERR_INVALID, "not a URL");
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
	get_run_one(&g);
	assert_int_equal(g.code, ERR_NETWORK);
	assert_non_null(strstr(g.text, "/x: "));
	assert_null(strstr(g.text, "secret"));
	assert_null(strstr(g.text, "user"));
	get_clean(&g);
	g = get_of(*state, "/cut");
	get_check_error(&g, ERR_NETWORK, "/cut");
	g = get_of(*state, "/slow");
	g.request.timeout_ms = 300;
	get_check_error(&g, ERR_TIMEOUT, "/slow");
}

/* No time limit, and a server that says nothing more. */
static void test_stall(void **state)
{
	struct get g = get_of(*state, "/stall");
	g.request.timeout_ms = INT32_MAX;
	g.request.stall_s = 1;
	g.request.on_body = get_on_body;
	get_run_one(&g);
	assert_int_equal(g.code, ERR_TIMEOUT);
	assert_string_equal(g.body.p, "0123456789");
	get_clean(&g);
}

static void test_credentials_are_sent(void **state)
{
	struct server *s = *state;
	struct get g = {.url = str_format("http://user:secret@127.0.0.1:%d/see", s->port)};
	get_run_one(&g);
	assert_non_null(strstr(g.body.p, "Authorization: Basic dXNlcjpzZWNyZXQ="));
	assert_non_null(strstr(g.body.p, "User-Agent: test/1"));
	assert_null(strstr(g.effective_url, "secret"));
	get_clean(&g);
}

static void test_upload(void **state)
{
	static const char *const type[] = {"Content-Type: application/json", NULL};
	struct get g = get_of(*state, "/echo");
	g.request.method = "POST";
	g.request.body = STR("{}");
	g.request.headers = type;
	get_run_one(&g);
	assert_string_equal(g.body.p, "POST application/json {}");
	get_clean(&g);
	g = get_of(*state, "/echo");
	g.request.method = "POST";
	g.request.headers = type;
	get_run_one(&g);
	assert_string_equal(g.body.p, "POST application/json ");
	get_clean(&g);
	char path[] = "/tmp/wheelfarm-fetch-XXXXXX";
	close(mkstemp(path));
	assert_int_equal(file_write_atomic(path, STR("0123456789"), NULL), 0);
	g = get_of(*state, "/echo");
	g.request.method = "PUT";
	g.request.body_file = path;
	g.request.body_offset = 4;
	g.request.headers = type;
	get_run_one(&g);
	assert_string_equal(g.body.p, "PUT application/json 456789");
	get_clean(&g);
	g = get_of(*state, "/echo");
	g.request.method = "PUT";
	g.request.body_file = path;
	g.request.body_offset = 11;
	get_check_error(&g, ERR_INVALID, "shorter");
	unlink(path);
	g = get_of(*state, "/echo");
	g.request.method = "PUT";
	g.request.body_file = path;
	get_check_error(&g, -2, path);
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
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_credentials_are_sent),
		cmocka_unit_test(test_upload),
	};
	return cmocka_run_group_tests_name("fetch", tests, fixture_start_server, fixture_stop_server);
}
