#include "coordinator/scan/serials.h"

#include "core/base/mem.h"
#include "core/io/inflate.h"

#include <stdlib.h>

enum { LIST_BYTES = 256 << 20, LIST_MS = 10 * 60 * 1000, STALL_S = 30 };

struct serials {
	struct serials_options options;
	struct fetch_transfer *transfer;
	struct buf text;
	struct inflate *inflate; /* NULL: it comes as it is */
	bool begun;
};

static int on_body(void *user, const struct fetch_response *r, struct str piece, struct err *e)
{
	struct serials *s = user;
	if (r->status != 200) {
		return 0;
	}
	if (!s->begun) {
		s->begun = true;
		if (str_find_text(str_from(r->content_type), STR("json")) < 0) {
			return err_set(e, ERR_UNSUPPORTED, "it does not come as JSON"); /* and may be long */
		}
		if (r->content_encoding[0] != '\0') {
			s->inflate = inflate_create(LIST_BYTES);
		}
	}
	if (s->inflate != NULL) {
		return inflate_feed(s->inflate, piece, &s->text, e);
	}
	buf_add_str(&s->text, piece);
	return 0;
}

static int finish(struct serials *s, long status, size_t *read, struct err *e)
{
	if (status != 200) {
		return err_set(e, ERR_HTTP, "HTTP status %ld", status);
	}
	int code = s->inflate != NULL ? inflate_end(s->inflate, e) : 0;
	return code == 0 ? serials_read(&s->text, s->options.names, read, e) : code;
}

static void on_response(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct serials *s = user;
	struct err why = {0};
	size_t read = 0;
	if (code != 0) {
		err_set(&why, code, "%s", e->text);
	} else {
		code = finish(s, r->status, &read, &why);
	}
	s->options.on_end(s->options.user, code, read, r != NULL ? r->received : 0, &why);
	buf_finish(&s->text);
	inflate_destroy(s->inflate);
	free(s);
}

struct serials *serials_start(struct fetch *fetch, const struct serials_options *options)
{
	struct serials *s = MEM_NEW(struct serials);
	s->options = *options;
	const char *const headers[] = {"Accept: application/vnd.pypi.simple.v1+json",
		"Accept-Encoding: gzip", options->auth, NULL};
	s->transfer = fetch_start(fetch,
		&(struct fetch_request){.url = options->url,
			.headers = headers,
			.limit = LIST_BYTES,
			.timeout_ms = LIST_MS,
			.stall_s = STALL_S,
			.on_body = on_body,
			.on_end = on_response,
			.user = s});
	return s;
}

void serials_cancel(struct serials *s)
{
	fetch_cancel(s->transfer);
}
