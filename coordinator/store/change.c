#include "coordinator/store/change.h"

#include "coordinator/store/store_parts.h"
#include "coordinator/store/target.h"
#include "core/base/map.h"
#include "sql/db.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum state { WORKS, BUILT, BROKEN, GONE, NOTHING, OUT, STATE_COUNT };

/* The table of change.h. */
static const unsigned char kinds[STATE_COUNT][STATE_COUNT] = {
	[WORKS] = {[BROKEN] = CHANGE_BROKE,
		[GONE] = CHANGE_VANISHED,
		[NOTHING] = CHANGE_VANISHED,
		[OUT] = CHANGE_VANISHED},
	[BUILT] = {[WORKS] = CHANGE_APPEARED,
		[BROKEN] = CHANGE_BROKE,
		[GONE] = CHANGE_VANISHED,
		[NOTHING] = CHANGE_BROKE},
	[BROKEN] = {[WORKS] = CHANGE_FIXED,
		[BUILT] = CHANGE_FIXED,
		[GONE] = CHANGE_VANISHED,
		[NOTHING] = CHANGE_VANISHED},
	[GONE] = {[WORKS] = CHANGE_FIXED, [BUILT] = CHANGE_FIXED},
	[NOTHING] = {[WORKS] = CHANGE_APPEARED, [BUILT] = CHANGE_APPEARED},
	[OUT] = {[WORKS] = CHANGE_APPEARED, [BUILT] = CHANGE_APPEARED},
};

static enum state state_of(struct store_condition c)
{
	switch (c.word) {
	case 'r':
		return isupper((unsigned char)c.fact) ? GONE : WORKS;
	case 'b':
		return BUILT;
	case 'x':
	case 'k':
	case 'd':
		return BROKEN;
	case 'v':
		return GONE;
	case 'n':
		return OUT;
	default:
		return NOTHING;
	}
}

static bool is_policy(struct store_condition c)
{
	return c.fact == 'a' || c.fact == 'A';
}

enum change_kind change_kind_of(struct store_condition was, struct store_condition became)
{
	if (is_policy(was) || is_policy(became)) {
		return CHANGE_NONE;
	}
	return kinds[state_of(was)][state_of(became)];
}

const char *change_kind_word(enum change_kind k)
{
	static const char *const words[CHANGE_KIND_COUNT] = {
#define CHANGE_WORD(name, word) [CHANGE_##name] = (word),
		CHANGE_KIND_MAP(CHANGE_WORD)
#undef CHANGE_WORD
	};
	return words[k];
}

/* --- writing --- */

static bool same_change(const struct store_pair *was, const struct store_pair *became,
	const struct store_pair *other_was, const struct store_pair *other_became)
{
	return was->fact == other_was->fact && was->word == other_was->word &&
		became->fact == other_became->fact && became->word == other_became->word &&
		str_same(was->version, other_was->version) &&
		str_same(became->version, other_became->version);
}

static bool is_change(const struct store_pair *was, const struct store_pair *became)
{
	return was->word != STANDING_NEVER && (was->word != became->word || was->fact != became->fact);
}

static int add_line(struct store *s, int64_t package, struct str targets,
	const struct store_pair *was, const struct store_pair *became, int64_t now, struct err *e)
{
	const char before[] = {was->fact, was->word}, after[] = {became->fact, became->word};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_CHANGE_ADD, e);
	sql_bind_int(&q, now);
	sql_bind_int(&q, package);
	sql_bind_str(&q, targets);
	sql_bind_str(&q, (struct str){before, 2});
	sql_bind_str(&q, (struct str){after, 2});
	sql_bind_text(&q, was->version);
	sql_bind_text(&q, became->version);
	return sql_run(&q);
}

int store_change_log(struct store *s, int64_t package, const struct store_standing *before,
	const struct store_standing *after, int64_t now, struct err *e)
{
	bool taken[STORE_TARGETS] = {false};
	int code = 0;
	for (size_t i = 0; code == 0 && i < after->n; i++) {
		const struct store_pair *was = &before->v[i], *became = &after->v[i];
		char targets[STORE_TARGETS];
		size_t n = 0;
		if (taken[i] || !is_change(was, became)) {
			continue;
		}
		memset(targets, '0', sizeof(targets));
		for (size_t k = i; k < after->n; k++) {
			if (is_change(&before->v[k], &after->v[k]) &&
				same_change(was, became, &before->v[k], &after->v[k])) {
				taken[k] = true;
				targets[k] = '1';
				n = k + 1;
			}
		}
		code = add_line(s, package, (struct str){targets, n}, was, became, now, e);
	}
	return code;
}

/* --- reading --- */

/* One target of one package over the stretch that was asked for. */
struct net_pair {
	bool touched;
	struct store_condition was, became;
	const char *was_version, *version;
	int64_t at;
};

struct net_package {
	const char *name;
	struct net_pair pairs[STORE_TARGETS];
};

struct reading {
	struct arena *arena;
	struct store_target *targets; /* by name */
	size_t target_count;
	struct map packages; /* by name, of struct net_package */
	VEC(struct store_change) list;
};

static struct store_condition condition_of(struct str letters)
{
	return (struct store_condition){
		.fact = letters.n == 2 ? letters.p[0] : '?',
		.word = letters.n == 2 ? letters.p[1] : headline_letter(HEADLINE_UNKNOWN),
	};
}

static struct net_package *package_of(struct reading *r, struct str name)
{
	struct net_package *p = map_get(&r->packages, name);
	if (p == NULL) {
		p = MEM_NEW(struct net_package);
		p->name = arena_copy(r->arena, name.p, name.n);
		map_put(&r->packages, name, p);
	}
	return p;
}

static void add_step(struct reading *r, struct sql_query *q, int64_t target)
{
	struct net_package *p = package_of(r, sql_str(q, 1));
	struct str targets = sql_str(q, 3);
	const struct net_pair step = {
		.touched = true,
		.was = condition_of(sql_str(q, 4)),
		.became = condition_of(sql_str(q, 5)),
		.was_version = sql_text(q, 6, r->arena),
		.version = sql_text(q, 7, r->arena),
		.at = sql_int(q, 2),
	};
	for (size_t i = 0; i < targets.n && i < STORE_TARGETS; i++) {
		struct net_pair *pair = &p->pairs[i];
		if (targets.p[i] != '1' || (target != 0 && (size_t)target != i + 1)) {
			continue;
		}
		const struct net_pair first = pair->touched ? *pair : step;
		*pair = step;
		pair->was = first.was;
		pair->was_version = first.was_version;
	}
}

static struct store_change *group_of(
	struct reading *r, size_t from, const char *package, const struct store_change *like)
{
	for (size_t i = from; i < r->list.n; i++) {
		struct store_change *c = &r->list.v[i];
		if (c->kind == like->kind && c->was == like->was && c->became == like->became &&
			c->was_fact == like->was_fact && c->became_fact == like->became_fact &&
			str_same(c->was_version, like->was_version) && str_same(c->version, like->version)) {
			return c;
		}
	}
	struct store_change *c = vec_add(&r->list);
	*c = *like;
	c->package = package;
	c->targets = arena_new(r->arena, (r->target_count + 1) * sizeof(*c->targets));
	return c;
}

static void add_package(struct reading *r, const struct net_package *p, bool backwards, bool all)
{
	size_t from = r->list.n;
	for (size_t i = 0; i < r->target_count; i++) {
		const struct net_pair *pair = &p->pairs[r->targets[i].id - 1];
		if (!pair->touched) {
			continue;
		}
		struct store_condition was = backwards ? pair->became : pair->was;
		struct store_condition became = backwards ? pair->was : pair->became;
		const struct store_change like = {
			.kind = change_kind_of(was, became),
			.was = headline_of_letter(was.word),
			.became = headline_of_letter(became.word),
			.was_fact = was.fact,
			.became_fact = became.fact,
			.was_version = backwards ? pair->version : pair->was_version,
			.version = backwards ? pair->was_version : pair->version,
		};
		bool differs = was.word != became.word || was.fact != became.fact;
		if (like.kind != CHANGE_NONE || (all && differs)) {
			struct store_change *c = group_of(r, from, p->name, &like);
			c->targets[c->target_count++] = r->targets[i].name;
			c->at = pair->at > c->at ? pair->at : c->at;
		}
	}
}

static int place_of_kind(enum change_kind k)
{
	static const enum change_kind order[] = {
		CHANGE_VANISHED, CHANGE_BROKE, CHANGE_APPEARED, CHANGE_FIXED, CHANGE_NONE};
	int i = 0;
	while (order[i] != k) {
		i++;
	}
	return i;
}

static int compare(const void *left, const void *right)
{
	const struct store_change *a = left, *b = right;
	int order = place_of_kind(a->kind) - place_of_kind(b->kind);
	order = order != 0 ? order : strcmp(a->package, b->package);
	return order != 0 ? order : strcmp(a->targets[0], b->targets[0]);
}

/* The end of a night in the log. */
static int end_of_night(struct store *s, int64_t night, int64_t *last, struct err *e)
{
	struct sql_query q;
	bool found = false;
	sql_start(&q, store_sql(s), SQL_NIGHT_BY_ID, e);
	sql_bind_int(&q, night);
	if (sql_row(&q)) {
		*last = sql_int(&q, 12);
		found = true;
	}
	int code = sql_end(&q);
	return code == 0 && !found
		? err_set(e, ERR_NOT_FOUND, "night %lld: no scan of that number ended", (long long)night)
		: code;
}

static int read_steps(
	struct reading *r, struct store *s, int64_t from, int64_t to, int64_t target, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_CHANGE_BETWEEN, e);
	sql_bind_int(&q, from);
	sql_bind_int(&q, to);
	while (sql_row(&q)) {
		add_step(r, &q, target);
	}
	return sql_end(&q);
}

int store_change_list(struct store *s, const struct store_change_query *query, struct arena *arena,
	struct store_change **out, size_t *count, struct err *e)
{
	struct reading r = {.arena = arena};
	int64_t since = 0, until = INT64_MAX;
	int code = store_target_list(s, arena, &r.targets, &r.target_count, e);
	if (code == 0 && query->since != 0) {
		code = end_of_night(s, query->since, &since, e);
	}
	if (code == 0 && query->until != 0) {
		code = end_of_night(s, query->until, &until, e);
	}
	bool backwards = since > until;
	if (code == 0) {
		code = backwards ? read_steps(&r, s, until, since, query->target, e)
						 : read_steps(&r, s, since, until, query->target, e);
	}
	for (size_t i = 0; i < r.packages.n; i++) {
		if (code == 0) {
			add_package(&r, r.packages.entries[i].value, backwards, query->all);
		}
		free(r.packages.entries[i].value);
	}
	if (r.list.n > 1) {
		qsort(r.list.v, r.list.n, sizeof(*r.list.v), compare);
	}
	*count = r.list.n;
	*out = store_list_copy(arena, r.list.v, r.list.n, sizeof(*r.list.v));
	vec_finish(&r.list);
	map_finish(&r.packages);
	return code;
}

int store_change_newest(struct store *s, const struct store_change_filter *filter, size_t most,
	struct arena *arena, struct store_change **out, size_t *count, struct err *e)
{
	struct store_target *targets = NULL;
	size_t target_count = 0;
	VEC(struct store_change) list = {0};
	int code = store_target_list(s, arena, &targets, &target_count, e);
	struct sql_query q;
	sql_start(&q, store_sql(s),
		filter->package != 0 ? SQL_CHANGE_NEWEST_OF_PACKAGE : SQL_CHANGE_NEWEST, e);
	if (filter->package != 0) {
		sql_bind_int(&q, filter->package);
	}
	while (code == 0 && list.n < most && sql_row(&q)) {
		struct str places = sql_str(&q, 2);
		if (filter->target != 0 && !store_targets_has(places, filter->target)) {
			continue;
		}
		struct store_condition was = condition_of(sql_str(&q, 3));
		struct store_condition became = condition_of(sql_str(&q, 4));
		if (was.word == became.word && change_kind_of(was, became) == CHANGE_NONE) {
			continue;
		}
		struct store_change *c = vec_add(&list);
		*c = (struct store_change){
			.kind = change_kind_of(was, became),
			.at = sql_int(&q, 0),
			.package = sql_text(&q, 1, arena),
			.targets = arena_new(arena, (target_count + 1) * sizeof(*c->targets)),
			.was = headline_of_letter(was.word),
			.became = headline_of_letter(became.word),
			.was_fact = was.fact,
			.became_fact = became.fact,
			.version = sql_text(&q, 5, arena),
		};
		for (size_t i = 0; i < target_count; i++) {
			if (store_targets_has(places, targets[i].id)) {
				c->targets[c->target_count++] = targets[i].name;
			}
		}
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	int ended = sql_end(&q);
	return code != 0 ? code : ended;
}
