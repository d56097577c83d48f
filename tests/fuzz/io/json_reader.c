#include "core/io/json.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_text(void *user, struct str text, struct err *e)
{
	/* Whatever passes the reader is UTF-8: that is its promise. */
	if (!str_is_utf8(text)) {
		abort();
	}
	return 0;
}

static const struct json_sink sink = {.object_key = on_text, .string = on_text, .number = on_text};

static bool yajl_accepts(struct str text)
{
	yajl_handle yajl = yajl_alloc(NULL, NULL, NULL);
	bool accepts = yajl_parse(yajl, (const unsigned char *)text.p, text.n) == yajl_status_ok &&
		yajl_complete_parse(yajl) == yajl_status_ok;
	yajl_free(yajl);
	return accepts;
}

/* yajl takes overlong UTF-8, halves of surrogate pairs, vertical tabs and form feeds as white space and
 * a token behind the end that is cut itself, and knows no limits: nothing else may part the two. */
static void hold_against_yajl(struct str text, int code, const struct err *e)
{
	bool stricter = code == ERR_TOO_LARGE ||
		(code == ERR_INVALID &&
			(strstr(e->text, "UTF-8") != NULL || strstr(e->text, "surrogate") != NULL ||
				strstr(e->text, "behind its end") != NULL));
	bool spaced = memchr(text.p, '\v', text.n) != NULL || memchr(text.p, '\f', text.n) != NULL;
	if (!stricter && !spaced && (code == 0) != yajl_accepts(text)) {
		abort();
	}
}

/* The first byte says how long the pieces are; the verdict must not depend on it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	struct str text = {.p = (const char *)data + 1, .n = size - 1};
	size_t step = (size_t)data[0] % 16 + 1;
	const struct json_limits limits = {.string_bytes = 1000};
	struct err e;
	struct json_reader *r = json_reader_create(&sink, NULL, &limits);
	int code = 0;
	for (size_t at = 0; at < text.n && code == 0; at += step) {
		code = json_reader_feed(r, str_slice(text, at, at + step), &e);
	}
	code = code == 0 ? json_reader_finish(r, &e) : code;
	json_reader_destroy(r);
	int whole = json_read(text, &sink, NULL, &limits, &e);
	if ((whole == 0) != (code == 0)) {
		abort();
	}
	hold_against_yajl(text, whole, &e);
	return 0;
}
