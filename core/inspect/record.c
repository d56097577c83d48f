#include "core/inspect/record.h"

enum { DIGEST_TEXT = 43 }; /* 32 bytes in base64 without padding */

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z') {
		return c - 'A';
	}
	if (c >= 'a' && c <= 'z') {
		return c - 'a' + 26;
	}
	if (c >= '0' && c <= '9') {
		return c - '0' + 52;
	}
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static bool digest_read(struct str text, unsigned char out[static RECORD_DIGEST_BYTES])
{
	uint32_t bits = 0;
	int count = 0;
	size_t n = 0;
	if (text.n != DIGEST_TEXT) {
		return false;
	}
	for (size_t i = 0; i < text.n; i++) {
		int value = base64_value(text.p[i]);
		if (value < 0) {
			return false;
		}
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count >= 8) {
			count -= 8;
			out[n++] = (unsigned char)(bits >> count);
		}
	}
	return n == RECORD_DIGEST_BYTES && (bits & ((1U << count) - 1)) == 0;
}

static void hash_read(struct record_line *line)
{
	struct str text = line->hash_text;
	ptrdiff_t sign = str_find(text, '=');
	struct str algorithm = str_slice(text, 0, sign < 0 ? 0 : (size_t)sign);
	if (text.n == 0) {
		line->hash = RECORD_HASH_NONE;
	} else if (str_is(algorithm, "sha256")) {
		struct str value = str_slice(text, (size_t)sign + 1, text.n);
		line->hash = digest_read(value, line->digest) ? RECORD_HASH_SHA256 : RECORD_HASH_BAD;
	} else if (str_is(algorithm, "sha384") || str_is(algorithm, "sha512")) {
		line->hash = RECORD_HASH_OTHER;
	} else {
		line->hash = RECORD_HASH_BAD;
	}
}

/* Takes one CSV field off the front of *rest. *last: the line ended with it. False on a quote that
 * is never closed or is followed by text. */
static bool field_read(struct record *r, struct str *rest, struct str *out, bool *last)
{
	size_t i = 0;
	if (rest->n != 0 && rest->p[0] == '"') {
		struct buf text = {0};
		bool closed = false;
		for (i = 1; i < rest->n && !closed; i++) {
			if (rest->p[i] != '"') {
				buf_add_char(&text, rest->p[i]);
			} else if (i + 1 < rest->n && rest->p[i + 1] == '"') {
				buf_add_char(&text, '"');
				i++;
			} else {
				closed = true;
			}
		}
		*out = (struct str){
			.p = arena_copy(&r->arena, text.n != 0 ? text.p : "", text.n), .n = text.n};
		buf_finish(&text);
		if (!closed) {
			return false;
		}
	} else {
		while (i < rest->n && rest->p[i] != ',' && rest->p[i] != '\n' && rest->p[i] != '\r') {
			i++;
		}
		*out = str_slice(*rest, 0, i);
	}
	*last = true;
	if (i < rest->n && rest->p[i] == ',') {
		*last = false;
		i++;
	} else if (i < rest->n && rest->p[i] == '\r' && (i + 1 == rest->n || rest->p[i + 1] == '\n')) {
		i += i + 1 == rest->n ? 1 : 2;
	} else if (i < rest->n && rest->p[i] == '\n') {
		i++;
	} else if (i < rest->n) {
		return false;
	}
	*rest = str_slice(*rest, i, rest->n);
	return true;
}

int record_read(struct str bytes, struct record *out, struct err *e)
{
	*out = (struct record){0};
	struct str rest = bytes;
	for (size_t number = 1; rest.n != 0; number++) {
		struct str fields[3] = {0};
		size_t count = 0;
		bool last = false;
		while (!last) {
			struct str field;
			if (!field_read(out, &rest, &field, &last)) {
				return err_set(e, ERR_INVALID, "line %zu: a quote does not end its field", number);
			}
			if (count < 3) {
				fields[count] = field;
			}
			count++;
		}
		if (count == 1 && fields[0].n == 0) {
			continue; /* an empty line */
		}
		if (count != 3 || fields[0].n == 0) {
			return err_set(e, ERR_INVALID, "line %zu: not path, hash and size", number);
		}
		struct record_line line = {.path = fields[0], .hash_text = fields[1], .number = number};
		line.has_size = fields[2].n != 0;
		if (line.has_size && !str_to_u64(fields[2], &line.size)) {
			return err_set(e, ERR_INVALID, "line %zu: the size is not a number", number);
		}
		hash_read(&line);
		*vec_add(&out->lines) = line;
	}
	return 0;
}

void record_finish(struct record *r)
{
	vec_finish(&r->lines);
	arena_finish(&r->arena);
}
