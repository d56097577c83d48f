#include "core/io/json.h"

#include "core/base/mem.h"
#include "core/pep/ascii.h"

#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Tokens are taken out of the piece as views. Only one that has escapes, or that the end of a piece
 * cuts, is put together in `text`. */

enum { DEPTH = 64, STRING_BYTES = 1 << 20, TOTAL_BYTES = 256 << 20 };

enum expects {
	EXPECT_VALUE,
	EXPECT_FIRST_VALUE, /* of an array, or its end */
	EXPECT_FIRST_KEY, /* of an object, or its end */
	EXPECT_KEY,
	EXPECT_COLON,
	EXPECT_NEXT, /* a comma, or the end of what is open */
	EXPECT_NOTHING, /* the value is whole */
};

/* What is being put together in `text`, and where in an escape of a string it stands. */
enum part {
	PART_NONE,
	PART_WORD, /* a number, true, false, null */
	PART_STRING,
	PART_ESCAPE, /* behind a backslash */
	PART_DIGITS, /* of \uXXXX */
};

struct json_reader {
	const struct json_sink *sink;
	void *user;
	struct json_limits limits;
	enum expects expects;
	size_t depth;
	char *open; /* '{' or '[' of each level */
	enum part part;
	struct buf text;
	bool text_ascii;
	unsigned digits; /* of the escape, to come */
	uint32_t unit; /* its UTF-16 code unit so far */
	uint32_t high; /* a high surrogate that waits for its other half, or 0 */
	uint64_t fed; /* bytes of the pieces before the current one */
	int code; /* sticky */
	struct err err;
};

static int stop(struct json_reader *r, int code)
{
	r->code = code;
	if (r->err.text[0] == '\0') {
		err_set(&r->err, code, "JSON refused: %s", err_text(code));
	}
	return code;
}

static int wrong(struct json_reader *r, const char *what)
{
	return stop(r, err_set(&r->err, ERR_INVALID, "not JSON: %s (RFC 8259)", what));
}

/* A value or the end of one: what comes next is what its place asks for. */
static int told(struct json_reader *r, int code)
{
	r->expects = r->depth == 0 ? EXPECT_NOTHING : EXPECT_NEXT;
	return code < 0 ? stop(r, code) : 0;
}

static int open_level(struct json_reader *r, char kind)
{
	if (r->depth == r->limits.depth) {
		return stop(r,
			err_set(&r->err, ERR_TOO_LARGE, "JSON nested deeper than %zu levels", r->limits.depth));
	}
	r->open[r->depth++] = kind;
	int (*begin)(void *, struct err *) = kind == '{' ? r->sink->object_begin : r->sink->array_begin;
	int code = told(r, begin != NULL ? begin(r->user, &r->err) : 0);
	r->expects = kind == '{' ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE;
	return code;
}

static int close_level(struct json_reader *r)
{
	bool object = r->open[--r->depth] == '{';
	int (*end)(void *, struct err *) = object ? r->sink->object_end : r->sink->array_end;
	return told(r, end != NULL ? end(r->user, &r->err) : 0);
}

/* --- numbers and names --- */

static bool is_word(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '+' || c == '.';
}

static const char *skip_digits(const char *p, const char *end)
{
	while (p < end && ascii_is_digit(*p)) {
		p++;
	}
	return p;
}

/* RFC 8259, section 6: [-] (0 / digits without a leading zero) [. digits] [e [+-] digits]. */
static bool is_number(struct str s)
{
	const char *p = s.p, *end = s.p + s.n, *digits;
	p += p < end && *p == '-';
	digits = p;
	p = skip_digits(p, end);
	if (p == digits || (*digits == '0' && p - digits > 1)) {
		return false;
	}
	if (p < end && *p == '.') {
		digits = ++p;
		p = skip_digits(p, end);
		if (p == digits) {
			return false;
		}
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		digits = p;
		p = skip_digits(p, end);
		if (p == digits) {
			return false;
		}
	}
	return p == end;
}

static int check_length(struct json_reader *r, size_t n)
{
	if (n > r->limits.string_bytes) {
		return stop(r,
			err_set(&r->err, ERR_TOO_LARGE, "a JSON string is longer than %zu bytes",
				r->limits.string_bytes));
	}
	return 0;
}

static int take_word(struct json_reader *r, struct str word)
{
	const struct json_sink *sink = r->sink;
	int code = check_length(r, word.n);
	if (code < 0) {
		return code;
	}
	if (is_number(word)) {
		return told(r, sink->number != NULL ? sink->number(r->user, word, &r->err) : 0);
	}
	bool value = str_is(word, "true");
	if (value || str_is(word, "false")) {
		return told(r, sink->boolean != NULL ? sink->boolean(r->user, value, &r->err) : 0);
	}
	if (str_is(word, "null")) {
		return told(r, sink->null != NULL ? sink->null(r->user, &r->err) : 0);
	}
	return wrong(r, "neither a number nor true, false or null");
}

/* The word that goes on at p; behind it. */
static const char *read_word(struct json_reader *r, const char *p, const char *end)
{
	const char *start = p;
	while (p < end && is_word(*p)) {
		p++;
	}
	if (r->part == PART_NONE && p < end) {
		take_word(r, (struct str){start, (size_t)(p - start)});
		return p;
	}
	buf_add(&r->text, start, (size_t)(p - start));
	r->part = PART_WORD;
	if (p < end) {
		r->part = PART_NONE;
		take_word(r, buf_view(&r->text));
	} else {
		check_length(r, r->text.n);
	}
	return p;
}

/* --- strings --- */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The first quote, backslash or control character from p on, or `end`; eight bytes at a step. *ascii
 * is false once there was another byte that is not ASCII before it. */
static const char *plain_end(const char *p, const char *end, bool *ascii)
{
	uint64_t seen = 0;
	for (; end - p >= 8; p += 8) {
		uint64_t x;
		memcpy(&x, p, sizeof(x));
		x = le64toh(x);
		uint64_t quote = x ^ EACH('"'), backslash = x ^ EACH('\\');
		uint64_t hits = ((quote - EACH(1)) & ~quote) | ((backslash - EACH(1)) & ~backslash) |
			((x - EACH(0x20)) & ~x);
		hits &= EACH(0x80);
		if (hits != 0) {
			/* borrows go upwards: the lowest hit is one, and all below it are none */
			unsigned before = (unsigned)__builtin_ctzll(hits) / 8;
			seen |= x & ((UINT64_C(1) << 8 * before) - 1);
			*ascii = *ascii && (seen & EACH(0x80)) == 0;
			return p + before;
		}
		seen |= x;
	}
	for (; p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20; p++) {
		seen |= (unsigned char)*p;
	}
	*ascii = *ascii && (seen & EACH(0x80)) == 0;
	return p;
}

static int take_string(struct json_reader *r, struct str text, bool ascii)
{
	int code = check_length(r, text.n);
	if (code < 0) {
		return code;
	}
	if (!ascii && !str_is_utf8(text)) {
		return stop(
			r, err_set(&r->err, ERR_INVALID, "a JSON string is not UTF-8 (RFC 8259 section 8.1)"));
	}
	if (r->expects == EXPECT_KEY || r->expects == EXPECT_FIRST_KEY) {
		code = r->sink->object_key != NULL ? r->sink->object_key(r->user, text, &r->err) : 0;
		r->expects = EXPECT_COLON;
		return code < 0 ? stop(r, code) : 0;
	}
	return told(r, r->sink->string != NULL ? r->sink->string(r->user, text, &r->err) : 0);
}

static int half_alone(struct json_reader *r)
{
	return stop(r,
		err_set(&r->err, ERR_INVALID,
			"a JSON string with half of a surrogate pair (RFC 8259 section 8.2)"));
}

/* The code unit of a whole \uXXXX. */
static int take_unit(struct json_reader *r)
{
	uint32_t unit = r->unit, high = r->high;
	bool is_low = unit >= 0xdc00 && unit < 0xe000;
	if (is_low != (high != 0)) {
		return half_alone(r);
	}
	r->part = PART_STRING;
	r->high = 0;
	if (unit >= 0xd800 && unit < 0xdc00) {
		r->high = unit;
	} else {
		ascii_add_utf8(
			&r->text, is_low ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00) : unit);
	}
	return 0;
}

/* One byte behind a backslash. */
static int take_escape(struct json_reader *r, char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (r->part == PART_DIGITS) {
		char low = (char)(c | 0x20);
		if (!ascii_is_digit(c) && (low < 'a' || low > 'f')) {
			return wrong(r, "a \\u without four hexadecimal digits");
		}
		r->unit = r->unit << 4 | (uint32_t)(ascii_is_digit(c) ? c - '0' : low - 'a' + 10);
		return --r->digits == 0 ? take_unit(r) : 0;
	}
	if (c == 'u') {
		r->part = PART_DIGITS;
		r->digits = 4;
		r->unit = 0;
		return 0;
	}
	const char *found = memchr(from, c, sizeof(from) - 1);
	if (found == NULL) {
		return wrong(r, "a backslash before a character that it cannot stand before");
	}
	if (r->high != 0) {
		return half_alone(r);
	}
	buf_add_char(&r->text, to[found - from]);
	r->part = PART_STRING;
	return 0;
}

/* A string that cannot be a view goes on at p; behind what could be taken of it. */
static const char *join_string(struct json_reader *r, const char *p, const char *end)
{
	while (p < end && r->code == 0) {
		if (r->part != PART_STRING) {
			take_escape(r, *p++);
			continue;
		}
		const char *plain = p;
		p = plain_end(p, end, &r->text_ascii);
		buf_add(&r->text, plain, (size_t)(p - plain));
		if (r->high != 0 && (p > plain || (p < end && *p != '\\'))) {
			half_alone(r);
		}
		if (check_length(r, r->text.n) < 0 || r->code < 0 || p == end) {
			return p;
		}
		char c = *p++;
		if (c == '\\') {
			r->part = PART_ESCAPE;
		} else if (c == '"') {
			r->part = PART_NONE;
			take_string(r, buf_view(&r->text), r->text_ascii);
			return p;
		} else {
			wrong(r, "a control character in a string");
		}
	}
	return p;
}

/* A string from behind its first quote on. */
static const char *read_string(struct json_reader *r, const char *p, const char *end)
{
	bool ascii = true;
	const char *plain = plain_end(p, end, &ascii);
	if (plain < end && *plain == '"') {
		take_string(r, (struct str){p, (size_t)(plain - p)}, ascii);
		return plain + 1;
	}
	r->part = PART_STRING;
	r->text.n = 0;
	r->text_ascii = true; /* what escapes make is UTF-8 */
	r->high = 0;
	return join_string(r, p, end);
}

/* --- the text --- */

static const char *read_value(struct json_reader *r, const char *p, const char *end)
{
	if (*p == '"') {
		return read_string(r, p + 1, end);
	}
	if (*p == '{' || *p == '[') {
		open_level(r, *p);
		return p + 1;
	}
	if (!is_word(*p)) {
		wrong(r, "no value where one must stand");
		return p;
	}
	r->text.n = 0;
	return read_word(r, p, end);
}

/* The token that begins at p, which is no white space; behind it, or behind what there is of it. */
static const char *read_token(struct json_reader *r, const char *p, const char *end)
{
	switch (r->expects) {
	case EXPECT_FIRST_VALUE:
		if (*p == ']') {
			close_level(r);
			return p + 1;
		}
		return read_value(r, p, end);
	case EXPECT_VALUE:
		return read_value(r, p, end);
	case EXPECT_FIRST_KEY:
		if (*p == '}') {
			close_level(r);
			return p + 1;
		}
		/* fall through */
	case EXPECT_KEY:
		if (*p == '"') {
			return read_string(r, p + 1, end);
		}
		wrong(r, "no key where one must stand");
		return p;
	case EXPECT_COLON:
		if (*p != ':') {
			wrong(r, "no colon behind a key");
		}
		r->expects = EXPECT_VALUE;
		return p + 1;
	case EXPECT_NEXT: {
		bool object = r->open[r->depth - 1] == '{';
		if (*p == ',') {
			r->expects = object ? EXPECT_KEY : EXPECT_VALUE;
		} else if (*p == (object ? '}' : ']')) {
			close_level(r);
		} else {
			wrong(r, "neither a comma nor the end of what is open");
		}
		return p + 1;
	}
	case EXPECT_NOTHING:
		wrong(r, "more behind its end");
		return p;
	}
	return end;
}

static const char *read_piece(struct json_reader *r, const char *p, const char *end)
{
	if (r->part == PART_WORD) {
		p = read_word(r, p, end);
	} else if (r->part != PART_NONE) {
		p = join_string(r, p, end);
	}
	while (p < end && r->code == 0) {
		if (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') {
			p++;
		} else {
			p = read_token(r, p, end);
		}
	}
	return p;
}

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
	r->open = mem_new(r->limits.depth, 1);
	return r;
}

static int give(struct json_reader *r, struct err *e)
{
	return r->code < 0 ? err_set(e, r->code, "%s", r->err.text) : 0;
}

static int give_at(struct json_reader *r, uint64_t at, struct err *e)
{
	if (r->code < 0) {
		struct err inner = r->err;
		err_set(&r->err, r->code, "%.460s (byte %" PRIu64 ")", inner.text, at);
	}
	return give(r, e);
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
	const char *behind = read_piece(r, piece.p, piece.p + piece.n);
	uint64_t at = r->fed + (uint64_t)(behind - piece.p);
	r->fed += piece.n;
	return give_at(r, at, e);
}

int json_reader_finish(struct json_reader *r, struct err *e)
{
	if (r->code < 0) {
		return give(r, e);
	}
	if (r->part == PART_WORD) {
		r->part = PART_NONE;
		take_word(r, buf_view(&r->text));
	}
	if (r->code == 0 && (r->part != PART_NONE || r->expects != EXPECT_NOTHING)) {
		wrong(r, "it ends too early");
	}
	return give_at(r, r->fed, e);
}

void json_reader_destroy(struct json_reader *r)
{
	if (r == NULL) {
		return;
	}
	buf_finish(&r->text);
	free(r->open);
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
