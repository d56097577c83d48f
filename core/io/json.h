/* JSON texts (RFC 8259): a reader and a writer. Nothing outside this file and json_reader.cpp knows
 * which library does it. */
#pragma once

#include "core/base/json_sink.h"
#include "core/base/str.h"

enum { JSON_PADDING = 64 }; /* bytes */

struct json_limits {
	size_t depth; /* nesting, default 64 */
	size_t string_bytes; /* of one string, key or number, default 1 MiB */
	size_t total_bytes; /* of the whole text, default 256 MiB */
};

/* Reads the n bytes of `text`, exactly one value, and tells `sink` of it; any callback of it may be
 * NULL. Behind the text must be JSON_PADDING bytes more. Both are written to: strings are decoded where
 * they stand and end in a zero byte, so what the sink hears lasts as long as the text, which is of no
 * other use then. `limits` may be NULL (defaults).
 *
 * Returns 0, or the error of a callback, ERR_TOO_LARGE or ERR_INVALID with a sentence that names the
 * byte, unless the text was not even tokens. What came before the error was told. Beside the text it
 * takes four bytes of memory a token while it reads. */
int json_read(char *text, size_t n, const struct json_sink *sink, void *user,
	const struct json_limits *limits, struct err *e);

/* A writer onto a buffer. Strings need not be UTF-8: bytes that are not become U+FFFD. Text is
 * compact unless `pretty`. Wrong nesting is our bug and aborts at json_writer_finish. */
struct json_writer {
	struct buf *out;
	bool pretty;
	uint32_t depth;
	uint64_t is_object; /* bit per depth, at most 63 deep */
	uint64_t has_items;
	bool after_key;
};
void json_writer_init(struct json_writer *w, struct buf *out, bool pretty);
void json_writer_finish(struct json_writer *w); /* adds a newline when pretty */
void json_object_begin(struct json_writer *w);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w);
void json_array_end(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
void json_str(struct json_writer *w, struct str value);
void json_text(struct json_writer *w, const char *value_or_null); /* NULL writes null */
void json_int(struct json_writer *w, int64_t value);
void json_double(struct json_writer *w, double value);
void json_bool(struct json_writer *w, bool value);
void json_null(struct json_writer *w);
void json_time(struct json_writer *w, int64_t wall_ms); /* RFC 3339; 0 writes null */
/* key and value in one line */
void json_kv_str(struct json_writer *w, const char *key, struct str value);
void json_kv_text(struct json_writer *w, const char *key, const char *value_or_null);
void json_kv_int(struct json_writer *w, const char *key, int64_t value);
void json_kv_bool(struct json_writer *w, const char *key, bool value);
void json_kv_time(struct json_writer *w, const char *key, int64_t wall_ms);
void json_kv_null(struct json_writer *w, const char *key);
