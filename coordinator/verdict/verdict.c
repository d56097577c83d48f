#include "coordinator/verdict/verdict.h"

#include "coordinator/store/target.h"

#include <string.h>

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

/* Either may be NULL. */
static struct store_pair judge(const struct store_published *p, const struct store_built *b)
{
	struct headline_facts facts = {0};
	struct store_pair pair = {.fact = STANDING_NEVER};
	if (p != NULL) {
		add_published(p, &facts);
		pair.fact = store_fact_letter(p->state, p->lost_accelerator, p->vanished != NULL);
		pair.version = p->version;
	}
	if (b != NULL) {
		add_build(b, &facts);
	}
	pair.word = headline_letter(headline_of(&facts));
	return pair;
}

static const struct store_built *built_of(
	const struct store_built *built, size_t count, int64_t target)
{
	for (size_t i = 0; i < count; i++) {
		if (built[i].target == target) {
			return &built[i];
		}
	}
	return NULL;
}

static void put_pair(struct store_standing *standing, int64_t target, struct store_pair pair)
{
	size_t place = (size_t)(target - 1);
	standing->v[place] = pair;
	standing->n = place >= standing->n ? place + 1 : standing->n;
}

int verdict_page(struct store *s, int64_t package, const struct store_standing *before,
	const struct store_published_set *facts, const int64_t *targets, int64_t now, struct err *e)
{
	struct arena arena = {0};
	struct store_built *built = NULL;
	size_t built_count = 0;
	struct store_standing after = *before;
	/* what never was judged was never built */
	int code =
		before->n != 0 ? store_built_list(s, package, 0, &arena, &built, &built_count, e) : 0;
	for (size_t i = 0; i < before->n; i++) {
		if (before->v[i].word != STANDING_NEVER) {
			after.v[i] = judge(NULL, built_of(built, built_count, (int64_t)i + 1));
		}
	}
	for (size_t i = 0; i < facts->count; i++) {
		put_pair(&after, targets[i],
			judge(&facts->v[facts->of[i]], built_of(built, built_count, targets[i])));
	}
	if (code == 0) {
		code = store_standing_put(s, package, before, &after, now, e);
	}
	arena_finish(&arena);
	return code;
}

int verdict_refresh(struct store *s, int64_t package, int64_t now, struct err *e)
{
	struct arena arena = {0};
	struct store_standing before;
	struct store_published *facts = NULL;
	struct store_built *built = NULL;
	struct store_target *targets = NULL;
	size_t count = 0, built_count = 0, target_count = 0;
	int code = store_standing_get(s, package, &arena, &before, e);
	if (code == 0) {
		code = store_target_list(s, &arena, &targets, &target_count, e);
	}
	if (code == 0) {
		code = store_published_list(s, package, &arena, &facts, &count, e);
	}
	if (code == 0) {
		code = store_built_list(s, package, 0, &arena, &built, &built_count, e);
	}
	if (code == 0) {
		struct store_standing after = before;
		for (size_t i = 0; i < target_count; i++) {
			put_pair(
				&after, targets[i].id, judge(NULL, built_of(built, built_count, targets[i].id)));
		}
		for (size_t i = 0; i < count; i++) {
			int64_t target = facts[i].target;
			put_pair(&after, target, judge(&facts[i], built_of(built, built_count, target)));
		}
		code = store_standing_put(s, package, &before, &after, now, e);
	}
	arena_finish(&arena);
	return code;
}

int verdict_refresh_target(
	struct store *s, int64_t package, int64_t target, int64_t now, struct err *e)
{
	struct arena arena = {0};
	struct store_standing before;
	struct store_published fact;
	struct store_built *built = NULL;
	size_t built_count = 0;
	int code = store_standing_get(s, package, &arena, &before, e);
	if (code == 0) {
		code = store_built_list(s, package, target, &arena, &built, &built_count, e);
	}
	if (code == 0) {
		int found = store_published_get(s, package, target, &arena, &fact, e);
		code = found == ERR_NOT_FOUND ? 0 : found;
		struct store_standing after = before;
		put_pair(
			&after, target, judge(found == 0 ? &fact : NULL, built_of(built, built_count, target)));
		if (code == 0) {
			code = store_standing_put(s, package, &before, &after, now, e);
		}
	}
	arena_finish(&arena);
	return code;
}
