#include "coordinator/store/view_roots.h"

#include "coordinator/store/headline.h"
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

static void add_waiting(struct blocking_root *root, struct sql_query *q, struct arena *arena)
{
	root->waits++;
	root->downloads = view_downloads_sum(root->downloads, sql_int_or(q, 4, -1));
	if (root->waiting_count < WAITING_TOLD) {
		if (root->waiting == NULL) {
			root->waiting = arena_new(arena, WAITING_TOLD * sizeof(*root->waiting));
		}
		root->waiting[root->waiting_count++] = (struct waiting_package){
			.name = sql_text(q, 3, arena),
			.downloads = sql_int_or(q, 4, -1),
			.path = sql_text(q, 5, arena),
		};
	}
}

int view_roots_read(struct store *s, int64_t target, struct arena *arena,
	struct blocking_root **out, size_t *count, struct err *e)
{
	VEC(struct blocking_root) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_ROOTS, e);
	sql_bind_int(&q, target);
	while (sql_row(&q)) {
		struct str name = sql_str(&q, 0);
		struct blocking_root *root = list.n != 0 ? &list.v[list.n - 1] : NULL;
		if (root == NULL || !str_is(name, root->name)) {
			root = vec_add(&list);
			*root = (struct blocking_root){
				.name = sql_text(&q, 0, arena),
				.version = sql_text(&q, 1, arena),
				.reason = sql_text(&q, 2, arena),
				.headline = word_of(sql_str(&q, 6), target),
				.downloads = -1,
			};
		}
		add_waiting(root, &q, arena);
	}
	if (list.n > 1) {
		qsort(list.v, list.n, sizeof(*list.v), compare_roots);
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}
