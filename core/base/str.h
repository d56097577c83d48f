/* Text: non-owning views for reading, growable buffers for writing. Bytes, not characters: nothing
 * here knows of locales. A view is never zero-terminated by right. */
#pragma once

#include "core/base/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* For printf: printf("%.*s", STR_ARG(view)). */
#define STR_ARG(s) ((int)(s).n), ((s).n != 0 ? (s).p : "")
#define STR(literal) ((struct str){.p = (literal), .n = sizeof(literal) - 1})

static inline bool str_equal(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Clamped to the view. */
static inline struct str str_slice(struct str s, size_t from, size_t to)
{
	if (to > s.n) {
		to = s.n;
	}
	if (from > to) {
		from = to;
	}
	if (s.n == 0) { /* p may be NULL, which nothing may be added to */
		return s;
	}
	s.p += from;
	s.n = to - from;
	return s;
}

/* Cuts the prefix off; false if s does not start with it. */
static inline bool str_take(struct str *s, struct str prefix)
{
	bool is = prefix.n <= s->n && (prefix.n == 0 || memcmp(s->p, prefix.p, prefix.n) == 0);
	*s = is ? str_slice(*s, prefix.n, s->n) : *s;
	return is;
}

struct str str_from(const char *text); /* NULL gives the empty view */
bool str_is(struct str a, const char *text);
bool str_equal_nocase(struct str a, struct str b); /* ASCII only */
/* Of texts that may be NULL, which is the same as NULL alone. */
bool str_same(const char *a, const char *b);
int str_compare(struct str a, struct str b); /* by bytes: <0, 0, >0 */
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
struct str str_trim(struct str s); /* spaces, tabs, CR, LF off both ends */
ptrdiff_t str_find(struct str s, char c); /* index or -1 */
ptrdiff_t str_find_last(struct str s, char c); /* index or -1 */
ptrdiff_t str_find_text(struct str s, struct str needle);

/* Takes the part before the next `separator` out of *rest into *part and moves *rest behind it.
 * False when nothing is left; "a,,b" gives "a", "", "b"; "" gives one empty part. Start with
 * rest = whole; a view without bytes behind it (p NULL) has no parts. */
bool str_split(struct str *rest, char separator, struct str *part);

/* Strict decimal, whole view, no sign for u64; false on anything else or overflow. */
bool str_to_u64(struct str s, uint64_t *out);
bool str_to_i64(struct str s, int64_t *out);

/* True if every byte sequence is UTF-8 (RFC 3629: shortest form, no surrogates, to U+10FFFF). */
bool str_is_utf8(struct str s);
/* Of UTF-8: how many code points, and the view of the first so many. */
size_t str_characters(struct str s);
struct str str_first(struct str s, size_t characters);

char *str_dup(struct str s); /* zero-terminated copy, the caller frees */

/* A growable buffer. A zeroed struct is empty. `p` is zero-terminated once anything was added. */
struct buf {
	char *p;
	size_t n;
	size_t capacity;
};

void buf_finish(struct buf *b); /* frees, leaves an empty buffer */
void buf_reserve(struct buf *b, size_t extra);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_add_str(struct buf *b, struct str s);
void buf_add_text(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
void buf_clear(struct buf *b); /* keeps the memory */
char *buf_take(struct buf *b); /* the bytes become the caller's; never NULL */
struct str buf_view(const struct buf *b);
/* Adds s with each byte that does not belong to valid UTF-8 replaced by U+FFFD. */
void buf_add_utf8(struct buf *b, struct str s);

/* printf into new memory; the caller frees. */
char *str_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same into the arena. */
struct arena;
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
