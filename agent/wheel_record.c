#include "agent/wheel_record.h"

static void base64url(const unsigned char *bytes, size_t n, char *out)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned held = 0;
	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | bytes[i];
		held += 8;
		while (held >= 6) {
			held -= 6;
			*out++ = letters[bits >> held & 63];
		}
	}
	if (held != 0) {
		*out++ = letters[bits << (6 - held) & 63];
	}
	*out = '\0';
}

void wheel_record_add(struct wheel_record *r, struct str path, struct sha256 *hash, uint64_t size)
{
	unsigned char digest[SHA256_BYTES];
	sha256_end(hash, digest);
	struct wheel_record_line *line = vec_add(&r->lines);
	line->path = path;
	line->size = size;
	base64url(digest, sizeof(digest), line->hash);
}

static void add_csv(struct buf *out, struct str path)
{
	bool quote = str_find(path, ',') >= 0 || str_find(path, '"') >= 0;
	if (!quote) {
		buf_add_str(out, path);
		return;
	}
	buf_add_char(out, '"');
	for (size_t i = 0; i < path.n; i++) {
		buf_add_text(out, path.p[i] == '"' ? "\"\"" : (char[]){path.p[i], '\0'});
	}
	buf_add_char(out, '"');
}

void wheel_record_write(const struct wheel_record *r, struct str own_path, struct buf *out)
{
	VEC_EACH (const struct wheel_record_line, line, &r->lines) {
		add_csv(out, line->path);
		buf_printf(out, ",sha256=%s,%llu\n", line->hash, (unsigned long long)line->size);
	}
	add_csv(out, own_path);
	buf_add_text(out, ",,\n");
}

void wheel_record_finish(struct wheel_record *r)
{
	vec_finish(&r->lines);
}
