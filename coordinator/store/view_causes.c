#include "coordinator/store/view_farm.h"

#include "coordinator/store/store_parts.h"
#include "coordinator/store/view_roots.h"
#include "coordinator/store/view_target.h"
#include "sql/db.h"

#include <stdlib.h>
#include <string.h>

/* The target asked for, else the last default one: Windows comes last in their order, and has most to
 * tell. */
static int find_target(
	struct store *s, const char *name, struct causes_view *out, int64_t *id, struct err *e)
{
	struct store_target *targets;
	size_t count = 0;
	int code = view_targets_ordered(s, &out->arena, &targets, &count, e);
	out->targets = arena_new(&out->arena, (count + 1) * sizeof(*out->targets));
	out->target_count = code == 0 ? count : 0;
	*id = 0;
	for (size_t i = 0; i < out->target_count; i++) {
		const struct store_target *t = &targets[i];
		out->targets[i] = t->name;
		if (name != NULL ? strcmp(t->name, name) == 0
						 : view_target_is_default(s, t, targets, count)) {
			out->target = t->name;
			*id = t->id;
		}
	}
	return code == 0 && name != NULL && *id == 0
		? err_set(e, ERR_NOT_FOUND, "%s: no such target", name)
		: code;
}

struct failure {
	const char *reason, *owner;
	size_t place; /* as read: most downloaded first */
	struct cause_package package;
};

static int compare_failures(const void *a, const void *b)
{
	const struct failure *x = a;
	const struct failure *y = b;
	int order = strcmp(x->reason, y->reason);
	return order != 0 ? order : x->place < y->place ? -1 : 1;
}

static int compare_causes(const void *a, const void *b)
{
	const struct cause *x = a;
	const struct cause *y = b;
	if (x->downloads != y->downloads) {
		return x->downloads > y->downloads ? -1 : 1;
	}
	if (x->package_count != y->package_count) {
		return x->package_count > y->package_count ? -1 : 1;
	}
	return strcmp(x->reason, y->reason);
}

/* Failures, sorted by reason, become one cause a reason. */
static void gather(struct causes_view *out, const struct failure *failures, size_t n)
{
	out->causes = arena_new(&out->arena, (n + 1) * sizeof(*out->causes));
	struct cause_package *packages = arena_new(&out->arena, (n + 1) * sizeof(*packages));
	for (size_t i = 0; i < n; i++) {
		packages[i] = failures[i].package;
		if (i == 0 || strcmp(failures[i].reason, failures[i - 1].reason) != 0) {
			out->causes[out->cause_count++] = (struct cause){
				.reason = failures[i].reason,
				.owner = failures[i].owner,
				.packages = &packages[i],
				.downloads = -1,
			};
		}
		struct cause *c = &out->causes[out->cause_count - 1];
		c->package_count++;
		c->downloads = view_downloads_sum(c->downloads, packages[i].downloads);
	}
	if (out->cause_count > 1) {
		qsort(out->causes, out->cause_count, sizeof(*out->causes), compare_causes);
	}
}

static int read_causes(struct store *s, int64_t target, struct causes_view *out, struct err *e)
{
	VEC(struct failure) list = {0};
	struct arena *arena = &out->arena;
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_FARM_CAUSES, e);
	sql_bind_int(&q, target);
	while (sql_row(&q)) {
		struct str name = sql_str(&q, 2);
		if (list.n != 0 && str_is(name, list.v[list.n - 1].package.name)) {
			continue; /* an older try of the same package */
		}
		size_t place = list.n;
		const char *reason = sql_text(&q, 0, arena);
		*vec_add(&list) = (struct failure){
			.reason = reason != NULL ? reason : reason_code(REASON_CODE_UNKNOWN),
			.owner = sql_text(&q, 1, arena),
			.place = place,
			.package =
				{
					.name = sql_text(&q, 2, arena),
					.downloads = sql_int_or(&q, 3, -1),
					.rank = sql_int(&q, 4),
					.line = sql_text(&q, 5, arena),
					.job = sql_int(&q, 6),
				},
		};
	}
	int code = sql_end(&q);
	if (list.n > 1) {
		qsort(list.v, list.n, sizeof(*list.v), compare_failures);
	}
	gather(out, list.v, list.n);
	vec_finish(&list);
	return code;
}

int store_causes_view(struct store *s, const char *target, struct causes_view *out, struct err *e)
{
	int64_t id = 0;
	*out = (struct causes_view){0};
	int code = store_begin(s, e);
	if (code != 0) {
		return code;
	}
	code = find_target(s, target, out, &id, e);
	if (code == 0) {
		code = read_causes(s, id, out, e);
	}
	if (code == 0) {
		code = view_roots_read(s, id, &out->arena, &out->roots, &out->root_count, e);
	}
	store_rollback(s);
	return code;
}

void causes_view_finish(struct causes_view *v)
{
	arena_finish(&v->arena);
	*v = (struct causes_view){0};
}
