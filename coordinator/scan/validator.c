#include "coordinator/scan/validator.h"

#include "coordinator/store/package.h"
#include "core/base/map.h"

#include <string.h>

/* From so many packages on the whole table is read at once. */
enum { MANY = 64 };

void validator_fingerprint(const struct scan_options *o, char out[static VALIDATOR_FINGERPRINT])
{
	struct sha256 *h = sha256_create();
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];
	const char *place = o->index->url != NULL ? o->index->url : o->index->folder;
	sha256_add(h, place, strlen(place) + 1);
	for (size_t i = 0; i < o->targets->n; i++) {
		sha256_add(h, o->targets->v[i].object, strlen(o->targets->v[i].object) + 1);
	}
	for (size_t i = 0; i < o->scope->n; i++) {
		sha256_add(h, o->scope->v[i].package, strlen(o->scope->v[i].package) + 1);
		sha256_add(h, o->scope->v[i].target, strlen(o->scope->v[i].target) + 1);
	}
	sha256_end(h, digest);
	sha256_hex(digest, hex);
	memcpy(out, hex, VALIDATOR_FINGERPRINT - 1);
	out[VALIDATOR_FINGERPRINT - 1] = '\0';
	sha256_destroy(h);
}

char *validator_list(const struct scan_options *o, const char *fingerprint)
{
	struct sha256 *h = sha256_create();
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];
	for (size_t i = 0; i < o->package_count; i++) {
		sha256_add(h, o->packages[i].name, strlen(o->packages[i].name) + 1);
	}
	sha256_end(h, digest);
	sha256_hex(digest, hex);
	sha256_destroy(h);
	return str_format("%s %.16s", fingerprint, hex);
}

/* "FINGERPRINT HASH ETAG"; the hash may be "-", the ETag empty. */
static void read_text(
	struct str text, const char *fingerprint, struct arena *arena, struct validator *out)
{
	struct str word;
	if (!str_split(&text, ' ', &word) || !str_is(word, fingerprint)) {
		return;
	}
	out->current = true;
	if (str_split(&text, ' ', &word) && sha256_hex_valid(word)) {
		out->hash = arena_copy(arena, word.p, word.n);
	}
	out->etag = text.p != NULL && text.n != 0 ? arena_copy(arena, text.p, text.n) : NULL;
}

const char *validator_etag(const char *text, const char *fingerprint, struct arena *arena)
{
	struct validator v = {0};
	if (text != NULL) {
		read_text(str_from(text), fingerprint, arena, &v);
	}
	return v.etag;
}

static void read_known(const struct store_package *known, const struct package_item *asked,
	const char *fingerprint, struct arena *arena, struct validator *out)
{
	out->package = known->id;
	out->scanned = known->scanned;
	out->night = known->night;
	out->outcome = known->outcome != NULL ? known->outcome[0] : '\0';
	out->ranked = (asked->rank == 0 || asked->rank == known->rank) &&
		(asked->downloads < 0 || asked->downloads == known->downloads);
	if (known->etag != NULL && !known->absent) {
		read_text(str_from(known->etag), fingerprint, arena, out);
		out->serial = out->current ? known->serial : 0;
	}
}

/* One question each. */
static int load_few(const struct scan_options *o, const char *fingerprint, struct arena *arena,
	struct validator *all, struct err *e)
{
	int code = 0;
	for (size_t i = 0; code == 0 && i < o->package_count; i++) {
		struct arena rows = {0};
		struct store_package known;
		code = store_package_get(o->store, str_from(o->packages[i].name), &rows, &known, e);
		if (code == 0) {
			read_known(&known, &o->packages[i], fingerprint, arena, &all[i]);
		}
		code = code == ERR_NOT_FOUND ? 0 : code;
		arena_finish(&rows);
	}
	return code;
}

static int load_many(const struct scan_options *o, const char *fingerprint, struct arena *arena,
	struct validator *all, struct err *e)
{
	struct arena rows = {0};
	struct map asked = {0};
	struct store_package *known;
	size_t count;
	for (size_t i = 0; i < o->package_count; i++) {
		map_put(&asked, str_from(o->packages[i].name), &all[i]);
	}
	int code = store_package_list(o->store, &rows, &known, &count, e);
	for (size_t i = 0; code == 0 && i < count; i++) {
		struct validator *v = map_get(&asked, str_from(known[i].name));
		if (v != NULL) {
			read_known(&known[i], &o->packages[v - all], fingerprint, arena, v);
		}
	}
	map_finish(&asked);
	arena_finish(&rows);
	return code;
}

int validators_load(const struct scan_options *o, const char *fingerprint, struct arena *arena,
	struct validator **out, struct err *e)
{
	*out = arena_new(arena, (o->package_count + 1) * sizeof(**out));
	return o->package_count < MANY ? load_few(o, fingerprint, arena, *out, e)
								   : load_many(o, fingerprint, arena, *out, e);
}

const char *validator_text(
	const char *fingerprint, const char *hash, const char *etag, struct arena *arena)
{
	return arena_printf(arena, "%s %s %s", fingerprint, hash[0] != '\0' ? hash : "-", etag);
}
