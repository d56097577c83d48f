#include "coordinator/solve/release_pack.h"

enum { FORMAT = 1, WITHDRAWN = 1, YANKED = 1, KEYED = 2, SETS = 4, LEAST = 7 };

static void add_number(struct buf *out, uint64_t n)
{
	while (n >= 0x80) {
		buf_add_char(out, (char)(n | 0x80));
		n >>= 7;
	}
	buf_add_char(out, (char)n);
}

static void add_wheel(struct buf *out, const struct universe_wheel *w)
{
	buf_add_char(out, (char)((w->yanked ? YANKED : 0) | (w->keyed ? KEYED : 0)));
	add_number(out, w->targets);
	add_number(out, w->file);
	if (w->keyed) {
		buf_add(out, w->key, sizeof(w->key));
	}
}

void release_pack_write(const struct universe_package *p, struct buf *out)
{
	uint64_t before[SETS] = {0};
	buf_add_char(out, FORMAT);
	add_number(out, p->version_count);
	for (uint32_t i = 0; i < p->version_count; i++) {
		const struct universe_version *v = &p->versions[i];
		const uint64_t sets[SETS] = {v->fits, v->yanked, v->admitted, v->sdist};
		add_number(out, v->text.n);
		buf_add_str(out, v->text);
		buf_add_char(out, v->withdrawn ? WITHDRAWN : 0);
		for (int k = 0; k < SETS; k++) {
			add_number(out, sets[k] ^ before[k]);
			before[k] = sets[k];
		}
		add_number(out, v->wheel_count);
		for (uint32_t k = 0; k < v->wheel_count; k++) {
			add_wheel(out, &v->wheels[k]);
		}
	}
}

/* The first error sticks; what is read after it is zero. */
struct reading {
	struct str rest;
	bool bad;
};

static struct str read_bytes(struct reading *r, uint64_t n)
{
	if (r->bad || n > r->rest.n) {
		r->bad = true;
		return (struct str){0};
	}
	struct str bytes = str_slice(r->rest, 0, (size_t)n);
	r->rest = str_slice(r->rest, (size_t)n, r->rest.n);
	return bytes;
}

static unsigned read_byte(struct reading *r)
{
	struct str byte = read_bytes(r, 1);
	return byte.n != 0 ? (unsigned char)byte.p[0] : 0;
}

static uint64_t read_number(struct reading *r)
{
	uint64_t n = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		unsigned byte = read_byte(r);
		if (shift == 63 && byte > 1) {
			break;
		}
		n |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			return n;
		}
	}
	r->bad = true;
	return 0;
}

/* Each takes at least `least` bytes: a short pack asks for no more than it has room to tell of. */
static uint32_t read_count(struct reading *r, size_t least)
{
	uint64_t n = read_number(r);
	r->bad |= n > r->rest.n / least;
	return r->bad ? 0 : (uint32_t)n;
}

static void read_wheel(struct reading *r, const struct universe *u, struct universe_wheel *out)
{
	unsigned flags = read_byte(r);
	*out = (struct universe_wheel){.requires = UNIVERSE_NONE,
		.yanked = (flags & YANKED) != 0,
		.keyed = (flags & KEYED) != 0,
		.targets = read_number(r)};
	uint64_t file = read_number(r);
	r->bad |= file >= UNIVERSE_NONE || (out->targets & ~u->all) != 0;
	out->file = (uint32_t)file;
	if (out->keyed) {
		struct str key = read_bytes(r, UNIVERSE_KEY);
		if (key.n != 0) {
			memcpy(out->key, key.p, UNIVERSE_KEY);
		}
	}
}

static void read_version(
	struct reading *r, struct universe *u, uint64_t before[SETS], struct universe_version *out)
{
	struct str text = read_bytes(r, read_number(r));
	out->text = (struct str){arena_copy(&u->arena, text.p, text.n), text.n};
	r->bad |= version_parse(out->text, &out->version, NULL) != 0;
	out->prerelease = !r->bad && version_is_prerelease(&out->version);
	out->withdrawn = (read_byte(r) & WITHDRAWN) != 0;
	for (int k = 0; k < SETS; k++) {
		before[k] ^= read_number(r);
		r->bad |= (before[k] & ~u->all) != 0;
	}
	out->fits = before[0];
	out->yanked = before[1];
	out->admitted = before[2];
	out->sdist = before[3];
	out->wheel_count = read_count(r, 3);
	out->wheels = arena_new(&u->arena, (out->wheel_count + 1) * sizeof(*out->wheels));
	for (uint32_t k = 0; k < out->wheel_count; k++) {
		read_wheel(r, u, &out->wheels[k]);
	}
}

int release_pack_read(struct universe *u, uint32_t package, struct str pack, struct err *e)
{
	struct reading r = {.rest = pack};
	uint64_t before[SETS] = {0};
	r.bad = read_byte(&r) != FORMAT;
	uint32_t count = read_count(&r, LEAST);
	struct universe_version *versions =
		arena_new(&u->arena, ((size_t)count + 1) * sizeof(*versions));
	for (uint32_t i = 0; i < count && !r.bad; i++) {
		read_version(&r, u, before, &versions[i]);
		r.bad |= i != 0 && !r.bad &&
			version_compare(&versions[i - 1].version, &versions[i].version) >= 0;
	}
	struct universe_package *p = &u->packages.v[package];
	if (r.bad || r.rest.n != 0) {
		return err_set(e, ERR_CORRUPT, "stored releases of %.*s: %zu bytes before the end",
			STR_ARG(p->name), r.rest.n);
	}
	p->versions = versions;
	p->version_count = count;
	p->state = UNIVERSE_KNOWN;
	return 0;
}
