#include "coordinator/verdict/verdict.h"

#include "coordinator/store/package.h"
#include "coordinator/store/published.h"
#include "coordinator/store/standing.h"
#include "coordinator/store/target.h"

#include <string.h>

/* All that is known of one package, read once. */
struct known {
	struct store_package package;
	struct store_target *targets;
	size_t target_count;
	struct store_published *published;
	size_t published_count;
	struct store_built *built;
	size_t built_count;
};

static int read_known(
	struct store *s, int64_t package, struct arena *arena, struct known *out, struct err *e)
{
	const char *name;
	*out = (struct known){0};
	int code = store_package_name(s, package, arena, &name, e);
	if (code == 0) {
		code = store_package_get(s, str_from(name), arena, &out->package, e);
	}
	if (code == 0) {
		code = store_target_list(s, arena, &out->targets, &out->target_count, e);
	}
	if (code == 0) {
		code = store_published_list(s, package, arena, &out->published, &out->published_count, e);
	}
	if (code == 0) {
		code = store_built_list(s, package, arena, &out->built, &out->built_count, e);
	}
	return code;
}

static const struct store_published *published_of(const struct known *k, int64_t target)
{
	for (size_t i = 0; i < k->published_count; i++) {
		if (k->published[i].target == target) {
			return &k->published[i];
		}
	}
	return NULL;
}

static const struct store_built *built_of(const struct known *k, int64_t target)
{
	for (size_t i = 0; i < k->built_count; i++) {
		if (k->built[i].target == target) {
			return &k->built[i];
		}
	}
	return NULL;
}

static void add_published(const struct store_published *p, struct headline_facts *f)
{
	/* a word that this program does not know is treated as never scanned */
	f->scanned = published_state_find(str_from(p->state), &f->state);
	f->lost_accelerator = p->lost_accelerator;
	f->vanished = p->vanished != NULL;
	f->compiled_elsewhere = p->compiled_elsewhere;
}

static void add_build(const struct store_built *b, struct headline_facts *f)
{
	enum reason reason;
	if (b->pass) {
		f->build = b->clean ? HEADLINE_BUILT : HEADLINE_NOT_BUILT;
		return;
	}
	f->build = HEADLINE_BUILD_FAILED;
	f->owner = b->reason != NULL && reason_find(str_from(b->reason), &reason)
		? reason_owner_of(reason)
		: REASON_NOBODY;
}

/* The release that the headline speaks of. */
static const char *version_of(enum headline headline, const struct known *k,
	const struct store_published *p, const struct store_built *b)
{
	if (headline == HEADLINE_NOT_APPLICABLE) {
		return NULL;
	}
	if (headline == HEADLINE_BUILDS && b != NULL) {
		return b->version;
	}
	return p != NULL && p->version != NULL ? p->version : k->package.newest;
}

int verdict_refresh(struct store *s, int64_t package, int64_t now, struct err *e)
{
	struct arena arena = {0};
	struct known known;
	int code = read_known(s, package, &arena, &known, e);
	for (size_t i = 0; code == 0 && i < known.target_count; i++) {
		int64_t target = known.targets[i].id;
		const struct store_published *p = published_of(&known, target);
		const struct store_built *b = built_of(&known, target);
		struct headline_facts facts = {0};
		if (p != NULL) {
			add_published(p, &facts);
		}
		if (b != NULL) {
			add_build(b, &facts);
		}
		enum headline headline = headline_of(&facts);
		code = store_standing_put(
			s, package, target, headline, version_of(headline, &known, p, b), now, NULL, e);
	}
	arena_finish(&arena);
	return code;
}
