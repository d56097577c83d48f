#include "coordinator/inspect/remote_sdist.h"

#include "core/base/mem.h"
#include "core/io/pkg_info.h"

#include <stdlib.h>

enum { HOLD = 1 << 20, HEADERS_MAX = 4 };

struct remote_sdist {
	struct remote_sdist_options options;
	char *file_name;
	struct fetch_transfer *transfer; /* NULL once it is over */
	bool paused, threaded;
	int status_code; /* of an answer that is not the file */
	struct err err; /* of the transfer */
	uv_async_t wake; /* the thread took what was held, or is over */
	uv_thread_t thread;
	uv_mutex_t lock;
	uv_cond_t more;
	/* under the lock */
	struct buf coming;
	bool ended; /* nothing more comes: `code` and `err` of the transfer are set */
	int code;
	bool over; /* the thread is */
	/* the thread's until it is over */
	struct buf piece, text;
	int read_code;
	struct err read_err;
};

/* --- the thread --- */

static int next_piece(void *user, struct str *piece, struct err *e)
{
	struct remote_sdist *s = user;
	int code = 0;
	buf_clear(&s->piece);
	uv_mutex_lock(&s->lock);
	while (s->coming.n == 0 && !s->ended) {
		uv_cond_wait(&s->more, &s->lock);
	}
	if (s->coming.n != 0) {
		struct buf taken = s->coming;
		s->coming = s->piece;
		s->piece = taken;
	} else if (s->code != 0) {
		code = err_set(e, s->code, "%s", s->err.text);
	}
	uv_mutex_unlock(&s->lock);
	uv_async_send(&s->wake);
	*piece = buf_view(&s->piece);
	return code;
}

static void thread_main(void *user)
{
	struct remote_sdist *s = user;
	const struct pkg_info_source source = {.next = next_piece, .user = s};
	s->read_code = pkg_info_read(str_from(s->file_name), &source, &s->text, &s->read_err);
	uv_mutex_lock(&s->lock);
	s->over = true;
	uv_mutex_unlock(&s->lock);
	uv_async_send(&s->wake);
}

/* --- the loop --- */

static void on_closed(uv_handle_t *handle)
{
	struct remote_sdist *s = handle->data;
	bool read = s->threaded && s->status_code == 0;
	int code = read ? s->read_code : s->code;
	struct str text = read && code == 0 ? buf_view(&s->text) : (struct str){0};
	s->options.on_end(s->options.user, code, text, read ? &s->read_err : &s->err);
	uv_cond_destroy(&s->more);
	uv_mutex_destroy(&s->lock);
	buf_finish(&s->coming);
	buf_finish(&s->piece);
	buf_finish(&s->text);
	free(s->file_name);
	free(s);
}

static bool is_over(struct remote_sdist *s)
{
	uv_mutex_lock(&s->lock);
	bool over = s->over;
	uv_mutex_unlock(&s->lock);
	return over;
}

static void end_if_over(struct remote_sdist *s)
{
	if (s->transfer != NULL || uv_is_closing((uv_handle_t *)&s->wake) ||
		(s->threaded && !is_over(s))) {
		return;
	}
	if (s->threaded) {
		uv_thread_join(&s->thread);
	}
	uv_close((uv_handle_t *)&s->wake, on_closed);
}

static void on_wake(uv_async_t *wake)
{
	struct remote_sdist *s = wake->data;
	uv_mutex_lock(&s->lock);
	bool over = s->over, roomy = s->coming.n < HOLD;
	uv_mutex_unlock(&s->lock);
	if (over && s->transfer != NULL) {
		fetch_cancel(s->transfer);
	} else if (roomy && s->paused && s->transfer != NULL) {
		s->paused = false;
		fetch_resume(s->transfer);
	}
	end_if_over(s);
}

static int fail_status(struct remote_sdist *s, long status, struct err *e)
{
	int code = status == 404 || status == 410 ? ERR_NOT_FOUND
		: status == 401 || status == 403      ? ERR_DENIED
											  : ERR_HTTP;
	s->status_code = code;
	err_set(&s->err, code, "%s: HTTP status %ld", s->file_name, status);
	return err_set(e, code, "%s", s->err.text);
}

/* What comes of a folder has no status. */
static bool is_fine(const struct fetch_response *r)
{
	return r->status == 200 || r->status == 0;
}

static int on_body(void *user, const struct fetch_response *r, struct str piece, struct err *e)
{
	struct remote_sdist *s = user;
	if (!is_fine(r)) {
		return fail_status(s, r->status, e);
	}
	if (!s->threaded) {
		s->threaded = uv_thread_create(&s->thread, thread_main, s) == 0;
		if (!s->threaded) {
			return err_set(e, ERR_BUSY, "%s: no thread to read it", s->file_name);
		}
	}
	uv_mutex_lock(&s->lock);
	bool over = s->over;
	buf_add_str(&s->coming, piece);
	bool full = s->coming.n >= HOLD && r->status != 0; /* curl cannot pause in a file */
	uv_cond_signal(&s->more);
	uv_mutex_unlock(&s->lock);
	if (full && !over) {
		s->paused = true;
		fetch_pause(s->transfer);
	}
	return over ? err_set(e, ERR_CANCELLED, "the rest is not read") : 0;
}

static void on_response(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct remote_sdist *s = user;
	s->transfer = NULL;
	if (code == 0 && !is_fine(r)) { /* without a body */
		code = fail_status(s, r->status, NULL);
	} else if (code == 0 && !s->threaded) {
		code = err_set(&s->err, ERR_CORRUPT, "%s: is empty", s->file_name);
	} else if (code != 0 && s->status_code == 0) {
		err_set(&s->err, code, "%s", e->text);
	}
	uv_mutex_lock(&s->lock);
	s->ended = true;
	s->code = code;
	uv_cond_signal(&s->more);
	uv_mutex_unlock(&s->lock);
	end_if_over(s);
}

struct remote_sdist *remote_sdist_start(const struct remote_sdist_options *options)
{
	struct remote_sdist *s = MEM_NEW(struct remote_sdist);
	s->options = *options;
	s->file_name = str_dup(options->file_name);
	s->wake.data = s;
	if (uv_async_init(options->loop, &s->wake, on_wake) != 0 || uv_mutex_init(&s->lock) != 0 ||
		uv_cond_init(&s->more) != 0) {
		mem_bug("remote_sdist_start: no handle, mutex or condition");
	}
	const char *headers[HEADERS_MAX + 2] = {"Accept-Encoding: identity"};
	for (size_t i = 0; options->headers != NULL && options->headers[i] != NULL; i++) {
		if (i == HEADERS_MAX) {
			mem_bug("remote_sdist_start: over %d headers", HEADERS_MAX);
		}
		headers[i + 1] = options->headers[i];
	}
	const struct fetch_request request = {
		.url = options->url,
		.headers = headers,
		.limit = REMOTE_SDIST_MOST,
		.timeout_ms = REMOTE_SDIST_MS,
		.allow_file = options->allow_file,
		.on_body = on_body,
		.on_end = on_response,
		.user = s,
	};
	s->transfer = fetch_start(options->fetch, &request);
	return s;
}

void remote_sdist_cancel(struct remote_sdist *s)
{
	if (s->transfer != NULL) {
		fetch_cancel(s->transfer);
	}
}
