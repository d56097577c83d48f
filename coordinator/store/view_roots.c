#include "coordinator/store/view_roots.h"

#include "coordinator/store/headline.h"
#include "core/base/map.h"
#include "sql/db.h"

#include <stdlib.h>
#include <string.h>

enum { WAITING_TOLD = 50 }; /* packages of one root that are named */

int64_t view_downloads_sum(int64_t sum, int64_t more)
{
	return more < 0 ? sum : sum < 0 ? more : sum + more;
}

static int compare_roots(const void *a, const void *b)
{
	const struct blocking_root *x = a, *y = b;
	if (x->downloads != y->downloads) {
		return x->downloads > y->downloads ? -1 : 1;
	}
	if (x->waits != y->waits) {
		return x->waits > y->waits ? -1 : 1;
	}
	return strcmp(x->name, y->name);
}

static const char *word_of(struct str words, int64_t target)
{
	bool known = (uint64_t)target <= words.n;
	enum headline h = known ? headline_of_letter(words.p[target - 1]) : HEADLINE_UNKNOWN;
	return headline_word(h);
}

/* A package that waits. */
struct row {
	size_t root; /* its place in the list of roots */
	int64_t rank; /* INT64_MAX: none */
	struct waiting_package package;
};

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	if (x->root != y->root) {
		return x->root < y->root ? -1 : 1;
	}
	if (x->rank != y->rank) {
		return x->rank < y->rank ? -1 : 1;
	}
	return strcmp(x->package.name, y->package.name);
}

struct gathering {
	VEC(struct blocking_root) roots;
	VEC(struct row) rows;
	struct map places; /* of roots: name to place + 1 */
};

static size_t place_of_root(struct gathering *g, struct sql_query *q, struct arena *arena)
{
	struct str name = sql_str(q, 0);
	uintptr_t place = (uintptr_t)map_get(&g->places, name);
	if (place == 0) {
		*vec_add(&g->roots) = (struct blocking_root){
			.name = sql_text(q, 0, arena),
			.version = sql_text(q, 1, arena),
			.reason = sql_text(q, 2, arena),
			.downloads = -1,
		};
		place = g->roots.n;
		map_put(&g->places, name, (void *)place);
	}
	return place - 1;
}

static int read_rows(
	struct store *s, int64_t target, struct gathering *g, struct arena *arena, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_ROOTS, e);
	sql_bind_int(&q, target);
	while (sql_row(&q)) {
		*vec_add(&g->rows) = (struct row){
			.root = place_of_root(g, &q, arena),
			.rank = sql_int_or(&q, 6, INT64_MAX),
			.package =
				{
					.name = sql_text(&q, 3, arena),
					.downloads = sql_int_or(&q, 4, -1),
					.path = sql_text(&q, 5, arena),
				},
		};
	}
	return sql_end(&q);
}

/* Rows come root by root. */
static void join_rows(struct gathering *g, struct arena *arena)
{
	VEC_EACH (const struct row, row, &g->rows) {
		struct blocking_root *root = &g->roots.v[row->root];
		root->waits++;
		root->downloads = view_downloads_sum(root->downloads, row->package.downloads);
		if (root->waiting == NULL) {
			root->waiting = arena_new(arena, WAITING_TOLD * sizeof(*root->waiting));
		}
		if (root->waiting_count < WAITING_TOLD) {
			root->waiting[root->waiting_count++] = row->package;
		}
	}
}

static int read_headlines(
	struct store *s, int64_t target, struct blocking_root *roots, size_t n, struct err *e)
{
	int code = 0;
	for (size_t i = 0; code == 0 && i < n; i++) {
		struct sql_query q;
		sql_start(&q, store_sql(s), SQL_DEPENDENCY_ROOT_WORDS, e);
		sql_bind_text(&q, roots[i].name);
		roots[i].headline = word_of(sql_row(&q) ? sql_str(&q, 0) : STR(""), target);
		code = sql_end(&q);
	}
	return code;
}

int view_roots_read(struct store *s, int64_t target, struct arena *arena,
	struct blocking_root **out, size_t *count, struct err *e)
{
	struct gathering g = {0};
	int code = read_rows(s, target, &g, arena, e);
	if (g.rows.n > 1) {
		qsort(g.rows.v, g.rows.n, sizeof(*g.rows.v), compare_rows);
	}
	join_rows(&g, arena);
	if (g.roots.n > 1) {
		qsort(g.roots.v, g.roots.n, sizeof(*g.roots.v), compare_roots);
	}
	code = code == 0 ? read_headlines(s, target, g.roots.v, g.roots.n, e) : code;
	*out = store_list_copy(arena, g.roots.v, g.roots.n, sizeof(*g.roots.v));
	*count = g.roots.n;
	map_finish(&g.places);
	vec_finish(&g.roots);
	vec_finish(&g.rows);
	return code;
}
