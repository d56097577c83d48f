#include "coordinator/check/check.h"

#include "coordinator/check/check_parts.h"

#include <stdlib.h>

uint64_t check_list_all(const struct check_list *l)
{
	return l->target_count == 64 ? UINT64_MAX : (UINT64_C(1) << l->target_count) - 1;
}

void check_list_finish(struct check_list *l)
{
	vec_finish(&l->lines);
	vec_finish(&l->not_checked);
	arena_finish(&l->arena);
}

void check_answer_finish(struct check_answer *a)
{
	VEC_EACH (struct check_root, root, &a->roots) {
		vec_finish(&root->blocks);
	}
	vec_finish(&a->roots);
	vec_finish(&a->items);
	arena_finish(&a->arena);
}

const char *check_keep(struct checking *c, struct str text)
{
	return arena_copy(&c->out->arena, text.p, text.n);
}

static struct solve_question question(const struct checking *c, const uint32_t *roots, size_t count)
{
	return (struct solve_question){.target = c->target,
		.roots = roots,
		.root_count = count,
		.constraints = c->constraints.v,
		.constraint_count = c->constraints.n};
}

static int ask(struct checking *c, const struct solve_question *q, enum solve_proof proof,
	struct solve_answer *out)
{
	const struct solve_source source = gather_source(c->options->gather);
	for (;;) {
		solve(&c->u, q, NULL, &source, proof, out);
		if (out->verdict == SOLVE_YES || out->verdict == SOLVE_NO) {
			return 0;
		}
		solve_answer_finish(out);
		int code = gather_wait(c->options->gather, &c->u, c->e);
		if (code != 0) {
			return code;
		}
	}
}

int check_ask(struct checking *c, const uint32_t *roots, size_t count, struct solve_answer *out)
{
	const struct solve_question q = question(c, roots, count);
	return ask(c, &q, SOLVE_PROOF_NONE, out);
}

int check_explain(
	struct checking *c, const uint32_t *roots, size_t count, struct solve_explanation *out)
{
	const struct solve_question q = question(c, roots, count);
	const struct solve_source source = gather_source(c->options->gather);
	for (;;) {
		solve_explain(&c->u, &q, &source, out);
		if (out->verdict == SOLVE_YES || out->verdict == SOLVE_NO) {
			return 0;
		}
		solve_explanation_finish(out);
		int code = gather_wait(c->options->gather, &c->u, c->e);
		if (code != 0) {
			return code;
		}
	}
}

/* --- blockers --- */

/* A text that only this name and reason have, and only this item of them. */
static struct str root_key(struct buf *key, const char *name, const char *reason, const char *item)
{
	buf_clear(key);
	buf_add(key, name, strlen(name) + 1);
	buf_add_text(key, reason);
	if (item != NULL) {
		buf_add_char(key, '\0');
		buf_add_text(key, item);
	}
	return buf_view(key);
}

static size_t root_place(const struct checking *c, struct str key)
{
	return (size_t)(uintptr_t)map_get(&c->roots_by_key, key);
}

void check_blame(struct checking *c, const char *name, const char *reason, const char *item)
{
	struct buf key = {0};
	size_t place = root_place(c, root_key(&key, name, reason, NULL));
	if (place == 0) {
		*vec_add(&c->out->roots) = (struct check_root){.name = name, .reason = reason};
		place = c->out->roots.n;
		map_put(&c->roots_by_key, buf_view(&key), (void *)(uintptr_t)place);
	}
	if (map_put(&c->roots_by_key, root_key(&key, name, reason, item), c) == NULL) {
		*vec_add(&c->out->roots.v[place - 1].blocks) = item;
	}
	buf_finish(&key);
}

static int tell_blockers(
	struct checking *c, const struct solve_explanation *x, struct check_item *item)
{
	int code = 0;
	item->blockers = arena_new(&c->out->arena, (x->blockers.n + 1) * sizeof(*item->blockers));
	VEC_EACH (struct solve_blocker, b, &x->blockers) {
		const struct universe_package *p = &c->u.packages.v[b->package];
		struct check_blocker *out = &item->blockers[item->blocker_count++];
		out->name = check_keep(c, p->name);
		out->version =
			b->version != UNIVERSE_NONE ? check_keep(c, p->versions[b->version].text) : NULL;
		out->reason = b->reason == SOLVE_ABSENT && gather_is_unread(c->options->gather, p->name)
			? CHECK_NOT_READ
			: solve_reason_word(b->reason);
		out->path = check_keep(c, str_from(b->path));
		check_blame(c, out->name, out->reason, item->name);
		if (code == 0 && c->options->sources && b->reason == SOLVE_NO_WHEEL &&
			b->version != UNIVERSE_NONE) {
			code = check_source(c, b->package, b->version, &out->source);
		}
	}
	if (x->verdict == SOLVE_NO) {
		struct buf words = {0};
		VEC_EACH (char *, line, &x->proof) {
			buf_printf(&words, "%s%s", words.n != 0 ? "\n" : "", *line);
		}
		item->blockers[item->blocker_count++] = (struct check_blocker){
			.name = item->name, .reason = CHECK_CONFLICT, .path = check_keep(c, buf_view(&words))};
		check_blame(c, item->name, CHECK_CONFLICT, item->name);
		buf_finish(&words);
	}
	return code;
}

static bool is_in(const struct solve_explanation *x, uint32_t root)
{
	bool found = x->roots.n == 0; /* blockers that all of them have together */
	VEC_EACH (uint32_t, r, &x->roots) {
		found |= *r == root;
	}
	return found;
}

/* --- items --- */

static void tell_version(struct checking *c, const struct solve_answer *a, struct check_item *item,
	uint32_t requirement, const char **out)
{
	VEC_EACH (struct solve_pick, pick, &a->picks) {
		if (pick->package == c->u.requirements.v[requirement].package) {
			*out = check_keep(c, c->u.packages.v[pick->package].versions[pick->version].text);
		}
	}
}

/* The item alone. */
static int ask_alone(struct checking *c, struct check_item *item, uint32_t requirement)
{
	struct solve_answer a;
	int code = check_ask(c, &requirement, 1, &a);
	if (code != 0) {
		return code;
	}
	item->installable = a.verdict == SOLVE_YES;
	tell_version(c, &a, item, requirement, &item->nearest);
	item->version = item->nearest;
	solve_answer_finish(&a);
	if (!item->installable) {
		struct solve_explanation x;
		code = check_explain(c, &requirement, 1, &x);
		if (code == 0) {
			code = tell_blockers(c, &x, item);
			solve_explanation_finish(&x);
		}
	}
	return code;
}

/* What keeps these from being installed together is told to each of them that is part of it. */
static int explain_some(
	struct checking *c, const uint32_t *roots, size_t count, struct check_item *items)
{
	struct solve_explanation x;
	int code = check_explain(c, roots, count, &x);
	if (code != 0) {
		return code;
	}
	for (size_t i = 0; i < c->roots.n && code == 0; i++) {
		bool asked = false;
		for (size_t k = 0; k < count; k++) {
			asked |= roots[k] == c->roots.v[i].requirement;
		}
		if (asked && items[i].installable && is_in(&x, c->roots.v[i].requirement)) {
			items[i].installable = false;
			code = tell_blockers(c, &x, &items[i]);
		}
	}
	solve_explanation_finish(&x);
	return code;
}

/* Those that work alone and not together: what the proof names is explained and left out, until the rest
 * is one. */
static int ask_rest(struct checking *c, struct check_item *items)
{
	struct solve_focus focus = {0};
	VEC(uint32_t) roots = {0};
	bool again = true;
	int code = 0;
	while (again && code == 0) {
		struct solve_answer a;
		roots.n = 0;
		for (size_t i = 0; i < c->roots.n; i++) {
			if (items[i].installable) {
				*vec_add(&roots) = c->roots.v[i].requirement;
			}
		}
		struct solve_question q = question(c, roots.v, roots.n);
		q.focus = &focus;
		code = ask(c, &q, SOLVE_PROOF_ROOTS, &a);
		again = code == 0 && a.verdict == SOLVE_NO;
		if (again) { /* all of them, should a proof name none */
			bool named = a.asked.n != 0;
			code = explain_some(c, named ? a.asked.v : roots.v, named ? a.asked.n : roots.n, items);
		}
		if (again || code == 0) {
			solve_answer_finish(&a);
		}
	}
	vec_finish(&roots);
	solve_focus_finish(&focus);
	return code;
}

static void tell_picks(struct checking *c, const struct solve_answer *a, struct check_target *out)
{
	out->together = true;
	out->picks = arena_new(&c->out->arena, (a->picks.n + 1) * sizeof(*out->picks));
	VEC_EACH (struct solve_pick, pick, &a->picks) {
		const struct universe_package *p = &c->u.packages.v[pick->package];
		out->picks[out->pick_count++] = (struct check_pick){.name = check_keep(c, p->name),
			.version = check_keep(c, p->versions[pick->version].text)};
	}
}

static int ask_each(struct checking *c, struct check_item *items)
{
	int code = 0;
	for (size_t i = 0; i < c->roots.n && code == 0; i++) {
		code = ask_alone(c, &items[i], c->roots.v[i].requirement);
	}
	return code == 0 ? ask_rest(c, items) : code;
}

static const char *name_of(struct checking *c, uint32_t requirement)
{
	return check_keep(c, c->u.packages.v[c->u.requirements.v[requirement].package].name);
}

/* All of them on one target. */
static int ask_target(struct checking *c, struct check_item *items)
{
	VEC(uint32_t) roots = {0};
	struct solve_answer a;
	for (size_t i = 0; i < c->roots.n; i++) {
		items[i] = (struct check_item){.line = c->roots.v[i].line,
			.target = c->target,
			.name = name_of(c, c->roots.v[i].requirement)};
		*vec_add(&roots) = c->roots.v[i].requirement;
	}
	int code = check_ask(c, roots.v, roots.n, &a);
	vec_finish(&roots);
	if (code == 0 && a.verdict == SOLVE_YES) {
		tell_picks(c, &a, &c->out->targets[c->target]);
		for (size_t i = 0; i < c->roots.n; i++) {
			items[i].installable = true;
			tell_version(c, &a, &items[i], c->roots.v[i].requirement, &items[i].version);
		}
		solve_answer_finish(&a);
	} else if (code == 0) {
		solve_answer_finish(&a);
		code = ask_each(c, items);
	}
	for (size_t i = 0; i < c->roots.n && code == 0; i++) {
		code = check_headline(c, &items[i], &c->roots.v[i]);
	}
	return code;
}

static int read_lines(struct checking *c, const struct check_list *list)
{
	VEC_EACH (struct check_line, line, &list->lines) {
		struct err e = {0};
		uint32_t requirement;
		if (line->locked != NULL) {
			continue;
		}
		if (universe_requirement(&c->u, line->requirement, &requirement, &e) != 0) {
			return err_set(c->e, ERR_INVALID, "%s: %s", line->source, e.text);
		}
		if (line->constraint) {
			*vec_add(&c->constraints) = requirement;
		} else {
			*vec_add(&c->all) = (struct check_asked){.line = line, .requirement = requirement};
		}
	}
	return 0;
}

/* Those that apply; what its file refuses on the target is answered by that. */
static void choose_roots(struct checking *c)
{
	c->roots.n = 0;
	VEC_EACH (struct check_asked, asked, &c->all) {
		uint64_t applies = c->u.requirements.v[asked->requirement].applies;
		struct check_item item = {
			.line = asked->line, .target = c->target, .name = name_of(c, asked->requirement)};
		if (universe_has(applies, c->target) && check_refused(c, &item)) {
			*vec_add(&c->out->items) = item;
		} else if (universe_has(applies, c->target)) {
			*vec_add(&c->roots) = *asked;
		}
	}
}

static int compare_items(const void *a, const void *b)
{
	const struct check_item *x = a, *y = b;
	if (x->line != y->line) {
		return x->line < y->line ? -1 : 1;
	}
	return (x->target > y->target) - (x->target < y->target);
}

static int compare_roots(const void *a, const void *b)
{
	const struct check_root *x = a, *y = b;
	return x->blocks.n != y->blocks.n ? (x->blocks.n < y->blocks.n ? 1 : -1)
									  : strcmp(x->name, y->name);
}

/* How many items wait for each blocker; before the roots are sorted. */
static void count_waits(struct checking *c)
{
	struct buf key = {0};
	VEC_EACH (struct check_item, item, &c->out->items) {
		for (size_t b = 0; b < item->blocker_count; b++) {
			struct check_blocker *blocker = &item->blockers[b];
			size_t place = root_place(c, root_key(&key, blocker->name, blocker->reason, NULL));
			blocker->waits = place != 0 ? c->out->roots.v[place - 1].blocks.n : 0;
		}
	}
	buf_finish(&key);
}

int check_run(const struct check_options *options, const struct check_list *list,
	struct check_answer *out, struct err *e)
{
	struct checking c = {.options = options, .out = out, .e = e};
	*out = (struct check_answer){.target_count = options->target_count};
	out->targets = arena_new(&out->arena, options->target_count * sizeof(*out->targets));
	universe_init(&c.u, options->targets, options->target_count, options->rules);
	int code = read_lines(&c, list);
	if (code == 0) {
		check_facts_ask(&c);
	}
	for (; c.target < options->target_count && code == 0; c.target++) {
		out->targets[c.target].name = options->targets[c.target]->name;
		if (options->on_target != NULL) {
			options->on_target(options->user, c.target);
		}
		choose_roots(&c);
		struct check_item *items = mem_new(c.roots.n + 1, sizeof(*items));
		code = ask_target(&c, items);
		for (size_t i = 0; i < c.roots.n && code == 0; i++) {
			*vec_add(&out->items) = items[i];
		}
		free(items);
	}
	if (code == 0) {
		check_locked(&c, list);
	}
	if (out->items.n != 0) {
		qsort(out->items.v, out->items.n, sizeof(*out->items.v), compare_items);
	}
	count_waits(&c);
	if (out->roots.n != 0) {
		qsort(out->roots.v, out->roots.n, sizeof(*out->roots.v), compare_roots);
	}
	vec_finish(&c.all);
	vec_finish(&c.roots);
	vec_finish(&c.constraints);
	map_finish(&c.sources);
	map_finish(&c.roots_by_key);
	universe_finish(&c.u);
	return code;
}
