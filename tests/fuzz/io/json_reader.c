#include "core/io/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_text(void *user, struct str text, struct err *e)
{
	/* What it promises: UTF-8. */
	if (!str_is_utf8(text)) {
		abort();
	}
	return 0;
}

static const struct json_sink sink = {.object_key = on_text, .string = on_text, .number = on_text};

/* Bytes behind the text, of which the verdict must not know. */
static int read_before(const uint8_t *data, size_t size, int behind)
{
	const struct json_limits limits = {.string_bytes = 1000};
	struct err e = {0};
	char *copy = malloc(size + JSON_PADDING);
	if (size != 0) {
		memcpy(copy, data, size);
	}
	memset(copy + size, behind, JSON_PADDING);
	int code = json_read(copy, size, &sink, NULL, &limits, &e);
	if ((code == 0) != (e.text[0] == '\0')) {
		abort();
	}
	free(copy);
	return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int code = read_before(data, size, 0);
	static const char others[] = "}]\"0\\ ";
	for (const char *c = others; *c != '\0'; c++) {
		if (read_before(data, size, *c) != code) {
			abort();
		}
	}
	return 0;
}
