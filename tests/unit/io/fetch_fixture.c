#include "fetch_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int fixture_start_server(void **state)
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

int fixture_stop_server(void **state)
{
	struct server *s = *state;
	close(s->input);
	waitpid(s->pid, NULL, 0);
	free(s);
	return 0;
}

int get_on_body(void *user, const struct fetch_response *r, struct str piece, struct err *e)
{
	struct get *g = user;
	g->status = r->status;
	buf_add_str(&g->body, piece);
	if (g->then != NULL && g->then_in_body) {
		get_start(g->then);
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
		get_start(g->then);
	}
	if (g->destroy_in_end) {
		fetch_destroy(g->client);
		g->client = NULL;
	}
}

void get_start(struct get *g)
{
	g->request.url = g->url;
	g->request.on_end = on_end;
	g->request.user = g;
	g->transfer = fetch_start(g->client, &g->request);
	assert_int_equal(g->ends, 0);
}

struct get get_of(struct server *s, const char *path)
{
	return (struct get){.url = str_format("http://127.0.0.1:%d%s", s->port, path)};
}

void get_clean(struct get *g)
{
	free(g->url);
	free(g->effective_url);
	free(g->content_type);
	free(g->etag);
	free(g->serial);
	buf_finish(&g->body);
}

void get_run(struct get *const *gets, size_t n)
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
		get_start(gets[i]);
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

void get_run_one(struct get *g)
{
	get_run(&g, 1);
}

void get_check_error(struct get *g, int code, const char *words)
{
	get_run_one(g);
	if (g->code != code || strstr(g->text, words) == NULL) {
		fail_msg("%s: %d '%s'", g->url, g->code, g->text);
	}
	assert_int_equal(g->request.on_body == NULL ? g->body.n : 0, 0);
	get_clean(g);
}
