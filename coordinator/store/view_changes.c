#include "coordinator/store/view_changes.h"

#include "coordinator/store/store_parts.h"

#include <string.h>

enum { MOST_NIGHTS = 60 };

static int read_nights(struct store *s, struct changes_view *out, struct err *e)
{
	struct store_night *all;
	size_t count;
	/* one more: the newest may be open */
	int code = store_night_list(s, MOST_NIGHTS + 1, &out->arena, &all, &count, e);
	out->nights = arena_new(&out->arena, (count + 1) * sizeof(*out->nights));
	for (size_t i = 0; code == 0 && i < count; i++) {
		if (all[i].ended != 0 && out->night_count < MOST_NIGHTS) {
			out->nights[out->night_count++] = all[i];
		}
	}
	return code;
}

static int choose_nights(
	struct store *s, const struct changes_query *q, struct changes_view *out, struct err *e)
{
	int code = 0;
	if (q->since.n != 0) {
		code = store_night_find(s, q->since, &out->arena, &out->since, e);
	} else if (out->night_count > 1) {
		out->since = out->nights[1];
	}
	if (code == 0 && q->until.n != 0) {
		code = store_night_find(s, q->until, &out->arena, &out->until, e);
	}
	return code;
}

static int find_target(struct store *s, const struct changes_query *q, struct changes_view *out,
	int64_t *id, struct err *e)
{
	struct store_target *targets;
	size_t count;
	int code = store_target_list(s, &out->arena, &targets, &count, e);
	if (code != 0) {
		return code;
	}
	*id = 0;
	out->targets = arena_new(&out->arena, (count + 1) * sizeof(*out->targets));
	for (size_t i = 0; i < count; i++) {
		out->targets[out->target_count++] = targets[i].name;
		if (q->target != NULL && strcmp(q->target, targets[i].name) == 0) {
			out->target = targets[i].name;
			*id = targets[i].id;
		}
	}
	return q->target != NULL && *id == 0
		? err_set(e, ERR_NOT_FOUND, "%s: the database has no such target", q->target)
		: 0;
}

/* Changes come by kind, and then by package. */
static void count_packages(struct changes_view *out)
{
	for (size_t i = 0; i < out->change_count; i++) {
		const struct store_change *c = &out->changes[i];
		bool first = i == 0 || c[-1].kind != c->kind || strcmp(c[-1].package, c->package) != 0;
		out->packages[c->kind] += first ? 1 : 0;
	}
}

static int read_all(
	struct store *s, const struct changes_query *q, struct changes_view *out, struct err *e)
{
	struct store_change_query query = {.all = q->all};
	int code = read_nights(s, out, e);
	if (code == 0) {
		code = choose_nights(s, q, out, e);
	}
	if (code == 0) {
		code = find_target(s, q, out, &query.target, e);
	}
	if (code == 0) {
		query.since = out->since.id;
		query.until = out->until.id;
		code = store_change_list(s, &query, &out->arena, &out->changes, &out->change_count, e);
	}
	count_packages(out);
	return code;
}

int store_changes_view(
	struct store *s, const struct changes_query *q, struct changes_view *out, struct err *e)
{
	*out = (struct changes_view){0};
	int code = store_begin(s, e);
	if (code == 0) {
		code = read_all(s, q, out, e);
		store_rollback(s);
	}
	return code;
}

void changes_view_finish(struct changes_view *v)
{
	arena_finish(&v->arena);
	*v = (struct changes_view){0};
}
