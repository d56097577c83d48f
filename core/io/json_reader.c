#include "core/io/json.h"

#include "core/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

enum { DEPTH = 64, STRING_BYTES = 1 << 20, TOTAL_BYTES = 256 << 20 };

struct json_reader {
	yajl_handle yajl;
	const struct json_sink *sink;
	void *user;
	struct json_limits limits;
	size_t depth;
	uint64_t fed; /* bytes of the pieces before the current one */
	struct str ascii; /* the current piece if it is all ASCII, else empty */
	int code; /* sticky */
	struct err err;
};

static void *on_malloc(void *user, size_t size)
{
	return mem_resize(NULL, size, 1);
}

static void *on_realloc(void *user, void *old, size_t size)
{
	return mem_resize(old, size, 1);
}

static void on_free(void *user, void *p)
{
	free(p);
}

/* What a callback tells yajl: 1 to go on, 0 to stop. */
static int answer(struct json_reader *r, int code)
{
	if (code >= 0) {
		return 1;
	}
	r->code = code;
	if (r->err.text[0] == '\0') {
		err_set(&r->err, code, "JSON refused: %s", err_text(code));
	}
	return 0;
}

static int deeper(struct json_reader *r)
{
	if (r->depth == r->limits.depth) {
		return err_set(
			&r->err, ERR_TOO_LARGE, "JSON nested deeper than %zu levels", r->limits.depth);
	}
	r->depth++;
	return 0;
}

static int on_object_begin(void *user)
{
	struct json_reader *r = user;
	int code = deeper(r);
	if (code == 0 && r->sink->object_begin != NULL) {
		code = r->sink->object_begin(r->user, &r->err);
	}
	return answer(r, code);
}

static int on_object_end(void *user)
{
	struct json_reader *r = user;
	r->depth--;
	return answer(r, r->sink->object_end != NULL ? r->sink->object_end(r->user, &r->err) : 0);
}

static int on_array_begin(void *user)
{
	struct json_reader *r = user;
	int code = deeper(r);
	if (code == 0 && r->sink->array_begin != NULL) {
		code = r->sink->array_begin(r->user, &r->err);
	}
	return answer(r, code);
}

static int on_array_end(void *user)
{
	struct json_reader *r = user;
	r->depth--;
	return answer(r, r->sink->array_end != NULL ? r->sink->array_end(r->user, &r->err) : 0);
}

static uint64_t word_at(const char *p)
{
	uint64_t word;
	memcpy(&word, p, sizeof(word));
	return word;
}

/* Most strings of most documents are ASCII: 32 bytes at a step tell. */
static bool is_ascii(struct str s)
{
	uint64_t seen = 0;
	size_t i = 0;
	for (; i + 32 <= s.n; i += 32) {
		const char *p = s.p + i;
		seen |= word_at(p) | word_at(p + 8) | word_at(p + 16) | word_at(p + 24);
	}
	for (; i + 8 <= s.n; i += 8) {
		seen |= word_at(s.p + i);
	}
	for (; i < s.n; i++) {
		seen |= (unsigned char)s.p[i];
	}
	return (seen & UINT64_C(0x8080808080808080)) == 0;
}

/* yajl looks at the form of UTF-8 only, not at overlong forms and surrogates, and lets "\udc00"
 * through as three bytes that are not UTF-8. */
static int check_text(struct json_reader *r, struct str text)
{
	if (text.n > r->limits.string_bytes) {
		return err_set(&r->err, ERR_TOO_LARGE, "a JSON string is longer than %zu bytes",
			r->limits.string_bytes);
	}
	bool known = r->ascii.n != 0 && text.p >= r->ascii.p && text.p < r->ascii.p + r->ascii.n;
	if (!known && !is_ascii(text) && !str_is_utf8(text)) {
		return err_set(&r->err, ERR_INVALID, "a JSON string is not UTF-8 (RFC 8259 section 8.1)");
	}
	return 0;
}

static int on_key(void *user, const unsigned char *p, size_t n)
{
	struct json_reader *r = user;
	struct str key = {.p = (const char *)p, .n = n};
	int code = check_text(r, key);
	if (code == 0 && r->sink->object_key != NULL) {
		code = r->sink->object_key(r->user, key, &r->err);
	}
	return answer(r, code);
}

static int on_string(void *user, const unsigned char *p, size_t n)
{
	struct json_reader *r = user;
	struct str value = {.p = (const char *)p, .n = n};
	int code = check_text(r, value);
	if (code == 0 && r->sink->string != NULL) {
		code = r->sink->string(r->user, value, &r->err);
	}
	return answer(r, code);
}

static int on_number(void *user, const char *p, size_t n)
{
	struct json_reader *r = user;
	struct str text = {.p = p, .n = n};
	int code = check_text(r, text);
	if (code == 0 && r->sink->number != NULL) {
		code = r->sink->number(r->user, text, &r->err);
	}
	return answer(r, code);
}

static int on_boolean(void *user, int value)
{
	struct json_reader *r = user;
	return answer(r, r->sink->boolean != NULL ? r->sink->boolean(r->user, value != 0, &r->err) : 0);
}

static int on_null(void *user)
{
	struct json_reader *r = user;
	return answer(r, r->sink->null != NULL ? r->sink->null(r->user, &r->err) : 0);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object_begin,
	.yajl_map_key = on_key,
	.yajl_end_map = on_object_end,
	.yajl_start_array = on_array_begin,
	.yajl_end_array = on_array_end,
};

struct json_reader *json_reader_create(
	const struct json_sink *sink, void *user, const struct json_limits *limits)
{
	struct json_reader *r = MEM_NEW(struct json_reader);
	r->sink = sink;
	r->user = user;
	if (limits != NULL) {
		r->limits = *limits;
	}
	r->limits.depth = r->limits.depth != 0 ? r->limits.depth : DEPTH;
	r->limits.string_bytes = r->limits.string_bytes != 0 ? r->limits.string_bytes : STRING_BYTES;
	r->limits.total_bytes = r->limits.total_bytes != 0 ? r->limits.total_bytes : TOTAL_BYTES;
	yajl_alloc_funcs memory = {.malloc = on_malloc, .realloc = on_realloc, .free = on_free};
	r->yajl = yajl_alloc(&callbacks, &memory, r);
	if (r->yajl == NULL) {
		mem_bug("yajl did not start");
	}
	return r;
}

static int give(struct json_reader *r, struct err *e)
{
	return r->code < 0 ? err_set(e, r->code, "%s", r->err.text) : 0;
}

/* Takes what yajl says over into the sticky error. */
static void judge(struct json_reader *r, yajl_status status, bool at_end)
{
	if (status == yajl_status_ok) {
		return;
	}
	uint64_t at = r->fed + (at_end ? 0 : yajl_get_bytes_consumed(r->yajl));
	if (status == yajl_status_error) {
		unsigned char *sentence = yajl_get_error(r->yajl, 0, NULL, 0);
		struct str text = str_trim(str_from((const char *)sentence));
		r->code = err_set(&r->err, ERR_INVALID, "not JSON: %.*s", STR_ARG(text));
		yajl_free_error(r->yajl, sentence);
	}
	struct err inner = r->err;
	err_set(&r->err, r->code, "%.460s (byte %" PRIu64 ")", inner.text, at);
}

int json_reader_feed(struct json_reader *r, struct str piece, struct err *e)
{
	if (r->code < 0 || piece.n == 0) {
		return give(r, e);
	}
	if (piece.n > r->limits.total_bytes - r->fed) {
		r->code = err_set(
			&r->err, ERR_TOO_LARGE, "a JSON text is longer than %zu bytes", r->limits.total_bytes);
		return give(r, e);
	}
	/* strings without escapes come as views onto the piece: most need no look of their own */
	r->ascii = is_ascii(piece) ? piece : (struct str){0};
	judge(r, yajl_parse(r->yajl, (const unsigned char *)piece.p, piece.n), false);
	r->ascii = (struct str){0};
	r->fed += piece.n;
	return give(r, e);
}

int json_reader_finish(struct json_reader *r, struct err *e)
{
	if (r->code == 0) {
		judge(r, yajl_complete_parse(r->yajl), true);
	}
	return give(r, e);
}

void json_reader_destroy(struct json_reader *r)
{
	if (r == NULL) {
		return;
	}
	yajl_free(r->yajl);
	free(r);
}

int json_read(struct str text, const struct json_sink *sink, void *user,
	const struct json_limits *limits, struct err *e)
{
	struct json_reader *r = json_reader_create(sink, user, limits);
	int code = json_reader_feed(r, text, e);
	if (code == 0) {
		code = json_reader_finish(r, e);
	}
	json_reader_destroy(r);
	return code;
}
