#include "coordinator/verdict/verdict.h"

#include "coordinator/store/dependency.h"
#include "coordinator/store/target.h"
#include "coordinator/verdict/broken.h"

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
	if (b->clean) {
		f->build = HEADLINE_BUILT;
		return;
	}
	f->build = HEADLINE_BUILD_FAILED;
	f->owner = b->reason != NULL && reason_find(str_from(b->reason), &reason)
		? reason_owner_of(reason)
		: REASON_NOBODY;
}

static enum headline_dependencies dependencies_of(char letter)
{
	return letter == DEPENDENCY_OK     ? DEPENDENCIES_OK
		: letter == DEPENDENCY_BLOCKED ? DEPENDENCIES_BLOCKED
									   : DEPENDENCIES_UNKNOWN;
}

/* `p` and `b` may be NULL. */
static int judge(struct broken_look *look, const struct store_published *p,
	const struct store_built *b, int64_t target, struct store_pair *out, struct err *e)
{
	struct headline_facts facts = {.dependencies = dependencies_of(out->dependencies)};
	struct store_pair pair = {.fact = STANDING_NEVER, .dependencies = out->dependencies};
	int code = 0;
	if (p != NULL) {
		add_published(p, &facts);
		code = broken_find(look, p, target, &facts.published_broken, e);
		pair.fact = store_fact_letter(p->state, p->lost_accelerator, p->vanished != NULL);
		pair.version = p->version;
	}
	if (b != NULL) {
		add_build(b, &facts);
	}
	pair.word = headline_letter(headline_of(&facts));
	*out = pair;
	return code;
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

/* Judges one target anew. */
static int put_pair(struct broken_look *look, struct store_standing *standing, int64_t target,
	const struct store_published *p, const struct store_built *b, struct err *e)
{
	size_t place = (size_t)(target - 1);
	standing->n = place >= standing->n ? place + 1 : standing->n;
	return judge(look, p, b, target, &standing->v[place], e);
}

int verdict_page(struct store *s, int64_t package, const struct store_standing *before,
	const struct store_published_set *facts, const int64_t *targets, int64_t now, struct err *e)
{
	struct arena arena = {0};
	struct store_built *built = NULL;
	size_t built_count = 0;
	struct store_standing after = *before;
	/* what never was judged was never built or looked into */
	struct broken_look look = {.store = before->n != 0 ? s : NULL, .package = package};
	int code =
		before->n != 0 ? store_built_list(s, package, 0, &arena, &built, &built_count, e) : 0;
	for (size_t i = 0; code == 0 && i < before->n; i++) {
		int64_t target = (int64_t)i + 1;
		if (before->v[i].word != STANDING_NEVER) {
			code = put_pair(&look, &after, target, NULL, built_of(built, built_count, target), e);
		}
	}
	for (size_t i = 0; code == 0 && i < facts->count; i++) {
		code = put_pair(&look, &after, targets[i], &facts->v[facts->of[i]],
			built_of(built, built_count, targets[i]), e);
	}
	if (code == 0) {
		code = store_standing_put(s, package, before, &after, now, e);
	}
	broken_look_finish(&look);
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
	struct broken_look look = {.store = s, .package = package};
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
	struct store_standing after = before;
	for (size_t i = 0; code == 0 && i < target_count; i++) {
		int64_t target = targets[i].id;
		code = put_pair(&look, &after, target, NULL, built_of(built, built_count, target), e);
	}
	for (size_t i = 0; code == 0 && i < count; i++) {
		int64_t target = facts[i].target;
		code = put_pair(&look, &after, target, &facts[i], built_of(built, built_count, target), e);
	}
	if (code == 0) {
		code = store_standing_put(s, package, &before, &after, now, e);
	}
	broken_look_finish(&look);
	arena_finish(&arena);
	return code;
}

int verdict_refresh_target(
	struct store *s, int64_t package, int64_t target, int64_t now, struct err *e)
{
	struct arena arena = {0};
	struct store_standing before;
	struct store_published fact;
	struct broken_look look = {.store = s, .package = package};
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
		if (code == 0) {
			code = put_pair(&look, &after, target, found == 0 ? &fact : NULL,
				built_of(built, built_count, target), e);
		}
		if (code == 0) {
			code = store_standing_put(s, package, &before, &after, now, e);
		}
	}
	broken_look_finish(&look);
	arena_finish(&arena);
	return code;
}
