#include "coordinator/plan/plan.h"

#include "core/io/sha256.h"

#include <stdio.h>
#include <string.h>

/* Each part with its length before it, so that no two lists of parts give the same bytes. */
static void add_text(struct sha256 *h, const char *text)
{
	char length[32];
	size_t n = text != NULL ? strlen(text) : 0;
	sha256_add(h, length, (size_t)snprintf(length, sizeof(length), "%zu:", n));
	sha256_add(h, text != NULL ? text : "", n);
}

static void add_number(struct sha256 *h, int64_t number)
{
	char text[32];
	snprintf(text, sizeof(text), "%lld", (long long)number);
	add_text(h, text);
}

void plan_key_hash(const struct plan_key *k, char out[static 65])
{
	struct sha256 *h = sha256_create();
	unsigned char digest[SHA256_BYTES];
	const char *const texts[] = {
		k->kind, k->package, k->release, k->target, k->mode, k->recipe_object, k->target_object};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		add_text(h, texts[i]);
	}
	add_number(h, (int64_t)k->patch_count);
	for (size_t i = 0; i < k->patch_count; i++) {
		add_text(h, k->patch_objects[i]);
	}
	add_text(h, k->image);
	add_number(h, k->image_revision);
	add_text(h, k->tester);
	add_number(h, k->tester_revision);
	add_text(h, k->toolchain);
	sha256_end(h, digest);
	sha256_hex(digest, out);
	sha256_destroy(h);
}
