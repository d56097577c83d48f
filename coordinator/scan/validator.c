#include "coordinator/scan/validator.h"

#include "coordinator/store/package.h"

#include <stdlib.h>
#include <string.h>

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

/* "FINGERPRINT HASH ETAG"; the hash may be "-", the ETag empty. */
static void read_text(struct str text, const char *fingerprint, struct validator *out)
{
	struct str word;
	if (!str_split(&text, ' ', &word) || !str_is(word, fingerprint)) {
		return;
	}
	out->current = true;
	if (str_split(&text, ' ', &word) && sha256_hex_valid(word)) {
		memcpy(out->hash, word.p, word.n);
	}
	out->etag = text.p != NULL && text.n != 0 ? str_dup(text) : NULL;
}

void validator_read(
	struct store *s, const char *name, const char *fingerprint, struct validator *out)
{
	struct arena arena = {0};
	struct store_package known;
	*out = (struct validator){0};
	if (store_package_get(s, str_from(name), &arena, &known, NULL) == 0 && known.etag != NULL &&
		!known.absent && known.problem == NULL) {
		read_text(str_from(known.etag), fingerprint, out);
		out->serial = out->current ? known.serial : 0;
	}
	arena_finish(&arena);
}

void validator_finish(struct validator *v)
{
	free(v->etag);
	*v = (struct validator){0};
}

const char *validator_text(
	const char *fingerprint, const char *hash, const char *etag, struct arena *arena)
{
	char *text = str_format("%s %s %s", fingerprint, hash[0] != '\0' ? hash : "-", etag);
	const char *kept = arena_copy(arena, text, strlen(text));
	free(text);
	return kept;
}
