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

/* The targets whose Python one of the alternatives admits. */
static uint64_t admits(struct checking *c, struct str python)
{
	struct str rest = python, one;
	uint64_t set = python.n == 0 ? c->u.all : 0;
	while (python.n != 0 && str_split(&rest, '|', &one)) {
		set |= universe_admits(&c->u, one);
	}
	return set;
}

static void tell_blocker(struct checking *c, struct check_item *item, const char *name,
	const char *version, const char *reason, const char *path)
{
	item->blockers = arena_new(&c->out->arena, sizeof(*item->blockers));
	item->blocker_count = 1;
	*item->blockers =
		(struct check_blocker){.name = name, .version = version, .reason = reason, .path = path};
	check_blame(c, name, reason, item->name);
}

bool check_refused(struct checking *c, struct check_item *item)
{
	const struct check_project *p = item->line->project;
	struct buf path = {0};
	const char *reason = NULL;
	if (p != NULL && !universe_has(admits(c, p->python), item->target)) {
		reason = solve_reason_word(SOLVE_PYTHON);
		buf_printf(&path, "%s requires Python %.*s", p->source, STR_ARG(p->python));
	} else if (p != NULL && !universe_has(p->made_for, item->target)) {
		reason = CHECK_NOT_LOCKED;
		buf_add_text(&path, p->source);
	}
	if (reason != NULL) {
		tell_blocker(c, item, p->source, NULL, reason, check_keep(c, buf_view(&path)));
		item->headline = HEADLINE_BLOCKED;
	}
	buf_finish(&path);
	return reason != NULL;
}

/* Why this version is not installed there; NULL: it is. */
static const char *find_reason(struct judging *j, size_t target)
{
	enum published_state state = j->facts[target].state;
	if (!universe_has(admits(j->c, j->line->locked->python), target)) {
		return solve_reason_word(SOLVE_PYTHON);
	}
	return state == PUBLISHED_WHEEL || state == PUBLISHED_PURE ? NULL
															   : solve_reason_word(SOLVE_NO_WHEEL);
}

static enum headline headline(const struct judging *j, size_t target)
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
		.dependencies = DEPENDENCIES_OK,
	};
	return headline_of(&facts);
}

static void add_item(struct judging *j, size_t target)
{
	struct checking *c = j->c;
	struct check_item item = {.line = j->line,
		.target = target,
		.name = check_keep(c, j->line->locked->name),
		.newest_allowed = check_keep(c, j->line->locked->version)};
	const char *reason = NULL;
	if (!check_refused(c, &item)) {
		reason = find_reason(j, target);
		item.headline = headline(j, target);
		item.installable = reason == NULL;
	}
	if (reason != NULL) {
		char *path = str_format("%s %s", item.name, item.newest_allowed);
		tell_blocker(
			c, &item, item.name, item.newest_allowed, reason, check_keep(c, str_from(path)));
		free(path);
	}
	item.version = item.nearest = item.installable ? item.newest_allowed : NULL;
	*vec_add(&c->out->items) = item;
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
		if (item->target != index) {
			continue;
		}
		target->together &= item->installable;
		if (item->line->locked != NULL) {
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
