/* JSON texts (RFC 8259): a streaming reader and a writer. Nothing outside this file and json.c knows
 * which library does it. */
#pragma once

#include "core/base/json_sink.h"
#include "core/base/str.h"

struct json_limits {
	size_t depth; /* nesting, default 64 */
	size_t string_bytes; /* of one string or key, default 1 MiB */
	size_t total_bytes; /* of the whole text, default 256 MiB */
};

/* A reader that sends events to `sink`; any callback of it may be NULL. Feed the text in any
 * pieces. After an error every call returns that error. `limits` may be NULL (defaults). */
struct json_reader;
struct json_reader *json_reader_create(
	const struct json_sink *sink, void *user, const struct json_limits *limits);
int json_reader_feed(struct json_reader *r, struct str piece, struct err *e);
/* The text ends here: an error unless exactly one value was complete. */
int json_reader_finish(struct json_reader *r, struct err *e);
void json_reader_destroy(struct json_reader *r);
/* All of it at once. Errors name the byte offset. */
int json_read(struct str text, const struct json_sink *sink, void *user,
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
