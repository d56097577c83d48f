#include "core/io/json.h"

#include <stdlib.h>

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
	if ((json_read(text, &sink, NULL, &limits, &e) == 0) != (code == 0)) {
		abort();
	}
	return 0;
}
