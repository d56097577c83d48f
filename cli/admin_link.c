#include "cli/admin_link.h"

#include "core/base/mem.h"
#include "core/io/fetch.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "core/io/json_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_BYTES = 64 << 10, ANSWER_BYTES = 16 << 20, ANSWER_MS = 30 * 1000 };

int admin_link_open(
	const char *state, const char *url, const char *token, const char *ca_file, struct err *e)
{
	struct buf text = {0};
	struct json_writer w;
	char *path = file_join(state, "admin.json");
	json_writer_init(&w, &text, true);
	json_object_begin(&w);
	json_kv_text(&w, "url", url);
	json_kv_text(&w, "token", token);
	json_kv_text(&w, "ca_file", ca_file);
	json_object_end(&w);
	json_writer_finish(&w);
	/* made anew, so that the mode is ours and an old link is not followed */
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int code = fd < 0 ? -errno : file_write_all(fd, buf_view(&text));
	if (code != 0) {
		err_set(e, code, "%s: %s", path, err_text(code));
	}
	if (fd >= 0) {
		close(fd);
	}
	buf_finish(&text);
	free(path);
	return code;
}

void admin_link_close(const char *state)
{
	char *path = file_join(state, "admin.json");
	unlink(path);
	free(path);
}

struct link {
	const char *url;
	const char *token;
	const char *ca_file;
};
static const struct json_field link_fields[] = {
	JSON_FIELD(struct link, url, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct link, token, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct link, ca_file, JSON_FIELD_TEXT, false),
	{0},
};

static int read_link(const char *state, struct arena *arena, struct link *out, struct err *e)
{
	char *path = file_join(state, "admin.json");
	struct buf text = {0};
	struct json_node *root;
	int code = file_read(path, FILE_BYTES, &text, e);
	if (code == -ENOENT) {
		code = err_set(e, ERR_NOT_FOUND,
			"%s is not there: the coordinator that holds the database left no address", path);
	}
	if (code == 0) {
		code = json_tree_parse(buf_view(&text), path, arena, &root, e);
	}
	if (code == 0) {
		code = json_struct_read(root, link_fields, out, path, arena, e);
	}
	buf_finish(&text);
	free(path);
	return code;
}

struct call {
	int code;
	long status;
	struct buf *answer;
	struct err *e;
};

static void on_end(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct call *c = user;
	c->code = code;
	if (code != 0) {
		err_set(c->e, code, "the coordinator does not answer: %s", e != NULL ? e->text : "");
		return;
	}
	c->status = r->status;
	buf_add_str(c->answer, body);
}

int admin_link_call(const char *state, const char *path, const char *body, long *status,
	struct buf *answer, struct err *e)
{
	struct arena arena = {0};
	struct link link = {0};
	struct call call = {.answer = answer, .e = e};
	int code = read_link(state, &arena, &link, e);
	if (code != 0) {
		goto out;
	}
	uv_loop_t loop;
	uv_loop_init(&loop);
	struct fetch *fetch = fetch_create(&loop,
		&(struct fetch_options){
			.user_agent = "wheelfarm/" WHEELFARM_VERSION, .ca_file = link.ca_file});
	struct str root = str_from(link.url);
	char *url =
		str_format("%.*s%s", STR_ARG(str_slice(root, 0, root.n - str_ends(root, "/"))), path);
	char *authorization = str_format("Authorization: Bearer %s", link.token);
	const char *headers[] = {authorization, "Content-Type: application/json", NULL};
	fetch_start(fetch,
		&(struct fetch_request){
			.method = body != NULL ? "POST" : NULL,
			.url = url,
			.headers = headers,
			.body = str_from(body),
			.limit = ANSWER_BYTES,
			.timeout_ms = ANSWER_MS,
			.no_redirects = true,
			.on_end = on_end,
			.user = &call,
		});
	uv_run(&loop, UV_RUN_DEFAULT);
	fetch_destroy(fetch);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	free(url);
	free(authorization);
	code = call.code;
	*status = call.status;
out:
	arena_finish(&arena);
	return code;
}
