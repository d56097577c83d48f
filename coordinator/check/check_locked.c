/* What a lock pins, judged as it stands: is one of its files a wheel that the target takes? */
#include "coordinator/check/check_parts.h"

#include "coordinator/verdict/headline.h"

#include <stdlib.h>

struct judging {
	struct checking *c;
	const struct check_line *line;
	struct published *page;
	struct published_fact facts[UNIVERSE_TARGETS];
};

static const char *version_text(struct judging *j)
{
	return check_keep(j->c, j->line->locked->version);
}

/* Why it is not installed there, and what speaks against it: the version itself, or the lock. */
static const char *find_reason(struct judging *j, size_t target, bool *by_lock)
{
	const struct check_locked *locked = j->line->locked;
	const struct check_lock *lock = locked->lock;
	enum published_state state = j->facts[target].state;
	*by_lock = true;
	if (!universe_has(universe_admits(&j->c->u, lock->python), target)) {
		return solve_reason_word(SOLVE_PYTHON);
	}
	if (!universe_has(lock->made_for, target)) {
		return CHECK_NOT_LOCKED;
	}
	*by_lock = false;
	if (!universe_has(universe_admits(&j->c->u, locked->python), target)) {
		return solve_reason_word(SOLVE_PYTHON);
	}
	return state == PUBLISHED_WHEEL || state == PUBLISHED_PURE ? NULL
															   : solve_reason_word(SOLVE_NO_WHEEL);
}

static void tell_blocker(
	struct judging *j, struct check_item *item, const char *reason, bool by_lock)
{
	const struct check_lock *lock = j->line->locked->lock;
	struct check_blocker *b = arena_new(&j->c->out->arena, sizeof(*b));
	struct buf path = {0};
	if (by_lock) {
		buf_printf(&path, "%s", lock->source);
		if (lock->python.n != 0) {
			buf_printf(&path, " requires Python %.*s", STR_ARG(lock->python));
		}
	} else {
		buf_printf(&path, "%s %s", item->name, item->newest_allowed);
	}
	*b = (struct check_blocker){.name = by_lock ? lock->source : item->name,
		.version = by_lock ? NULL : item->newest_allowed,
		.reason = reason,
		.path = check_keep(j->c, buf_view(&path))};
	buf_finish(&path);
	item->blockers = b;
	item->blocker_count = 1;
	check_blame(j->c, b->name, reason, item->name);
}

static enum headline headline(const struct judging *j, size_t target, bool by_lock)
{
	const struct checking *c = j->c;
	const struct published_fact *fact = &j->facts[target];
	bool out_of_scope = scope_find(c->options->scope, j->line->locked->name,
							str_from(c->options->targets[target]->name)) != NULL;
	const struct headline_facts facts = {
		.scanned = true,
		.state = out_of_scope ? PUBLISHED_NOT_APPLICABLE : fact->state,
		.lost_accelerator = fact->lost_accelerator,
		.compiled_elsewhere = fact->compiled_elsewhere,
		.dependencies = by_lock ? DEPENDENCIES_BLOCKED : DEPENDENCIES_OK,
	};
	return headline_of(&facts);
}

static void add_item(struct judging *j, size_t target)
{
	bool by_lock;
	const char *reason = find_reason(j, target, &by_lock);
	struct check_item item = {.line = j->line,
		.target = target,
		.name = check_keep(j->c, j->line->locked->name),
		.installable = reason == NULL,
		.newest_allowed = version_text(j)};
	item.version = item.nearest = item.installable ? item.newest_allowed : NULL;
	if (reason != NULL) {
		tell_blocker(j, &item, reason, by_lock);
	}
	item.headline = headline(j, target, reason != NULL && by_lock);
	*vec_add(&j->c->out->items) = item;
}

static void judge(struct checking *c, const struct check_line *line)
{
	struct judging j = {.c = c, .line = line};
	const struct check_locked *locked = line->locked;
	j.page = published_create(locked->name, locked->files, locked->file_count);
	published_facts(j.page, c->options->targets, c->options->target_count, j.facts);
	for (size_t t = 0; t < c->options->target_count; t++) {
		if (universe_has(locked->applies, t)) {
			add_item(&j, t);
		}
	}
	published_destroy(j.page);
}

/* --- all of it together --- */

static int compare_picks(const void *a, const void *b)
{
	const struct check_pick *x = a, *y = b;
	return strcmp(x->name, y->name);
}

/* What is locked is installed beside what was solved; a name that both have is told once. */
static void add_picks(struct checking *c, struct check_target *target, size_t index)
{
	VEC(struct check_pick) all = {0};
	size_t kept = 0;
	for (size_t i = 0; i < target->pick_count; i++) {
		*vec_add(&all) = target->picks[i];
	}
	VEC_EACH (struct check_item, item, &c->out->items) {
		if (item->target == index && item->line->locked != NULL) {
			target->together &= item->installable;
			*vec_add(&all) = (struct check_pick){.name = item->name, .version = item->version};
		}
	}
	if (all.n != 0) {
		qsort(all.v, all.n, sizeof(*all.v), compare_picks);
	}
	for (size_t i = 0; i < all.n; i++) {
		if (kept == 0 || strcmp(all.v[kept - 1].name, all.v[i].name) != 0) {
			all.v[kept++] = all.v[i];
		}
	}
	all.n = kept;
	target->pick_count = kept;
	target->picks = vec_to_arena(&all, &c->out->arena);
}

void check_locked(struct checking *c, const struct check_list *list)
{
	VEC_EACH (struct check_line, line, &list->lines) {
		if (line->locked != NULL) {
			judge(c, line);
		}
	}
	for (size_t t = 0; t < c->options->target_count; t++) {
		add_picks(c, &c->out->targets[t], t);
	}
}
