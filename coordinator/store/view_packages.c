#include "coordinator/store/headline.h"
#include "coordinator/store/store_parts.h"
#include "coordinator/store/view.h"
#include "coordinator/store/view_target.h"
#include "sql/db.h"

#include <string.h>

enum { MOST_ROWS = 500, RARE = 2000 };

struct pages {
	struct store *store;
	const struct package_query *query;
	struct packages_view *out;
	struct store_target *targets; /* in the view's order */
	size_t target_count;
	int64_t target; /* id of the one asked for */
	int64_t *ids; /* of the packages in out->rows */
	struct err *e;
};

static int find_target(struct pages *p)
{
	struct packages_view *out = p->out;
	int code = view_targets_ordered(p->store, &out->arena, &p->targets, &p->target_count, p->e);
	out->targets = arena_new(&out->arena, (p->target_count + 1) * sizeof(*out->targets));
	out->target_count = p->target_count;
	const struct store_target *found = NULL;
	for (size_t i = 0; code == 0 && i < p->target_count; i++) {
		const struct store_target *t = &p->targets[i];
		out->targets[i] = t->name;
		if (p->query->target != NULL ? strcmp(t->name, p->query->target) == 0
									 : found == NULL &&
					view_target_is_default(p->store, t, p->targets, p->target_count)) {
			found = t;
		}
	}
	if (code == 0 && found == NULL && p->query->target != NULL) {
		code = err_set(p->e, ERR_NOT_FOUND, "%s: no such target", p->query->target);
	}
	out->target = found != NULL ? found->name : NULL;
	p->target = found != NULL ? found->id : 0;
	return code;
}

static int count_all(struct pages *p, int64_t *count)
{
	struct sql_query q;
	sql_start(&q, store_sql(p->store), SQL_VIEW_PACKAGES_COUNT, p->e);
	*count = sql_row(&q) ? sql_int(&q, 0) : 0;
	return sql_end(&q);
}

/* Of one word, without a search: by the index alone. A package without a row is unknown. */
static int count_words(struct pages *p, int64_t *total)
{
	bool not_ready = strcmp(p->query->headline, "not-ready") == 0;
	int64_t all = 0;
	int64_t stored = 0;
	int64_t matching = 0;
	int code = count_all(p, &all);
	struct sql_query q;
	sql_start(&q, store_sql(p->store), SQL_VIEW_PACKAGES_WORDS, p->e);
	sql_bind_int(&q, p->target);
	while (sql_row(&q)) {
		struct str word = sql_str(&q, 0);
		int64_t n = sql_int(&q, 1);
		stored += n;
		bool fine = str_is(word, "ready") || str_is(word, "not_applicable");
		matching += (not_ready ? !fine : str_is(word, p->query->headline)) ? n : 0;
	}
	if (not_ready || strcmp(p->query->headline, "unknown") == 0) {
		matching += all - stored;
	}
	*total = matching;
	int ended = sql_end(&q);
	return code != 0 ? code : ended;
}

static int count_total(struct pages *p)
{
	if (p->query->search.n == 0) {
		return p->query->headline == NULL ? count_all(p, &p->out->total)
										  : count_words(p, &p->out->total);
	}
	struct sql_query q;
	sql_start(&q, store_sql(p->store), SQL_VIEW_PACKAGES_SEARCH_COUNT, p->e);
	sql_bind_int(&q, p->target);
	sql_bind_text(&q, p->query->headline);
	sql_bind_str(&q, p->query->search);
	p->out->total = sql_row(&q) ? sql_int(&q, 0) : 0;
	return sql_end(&q);
}

/* A search looks at every name; a rare word comes from its own index, a frequent one is met soon
 * enough in the order of the page. `unknown` is also what has no row. */
static enum sql_block rows_block(const struct pages *p)
{
	const struct package_query *query = p->query;
	bool by_name = query->sort == PACKAGE_SORT_NAME;
	if (query->search.n == 0 && query->headline == NULL) {
		return by_name ? SQL_VIEW_PACKAGES_ALL_BY_NAME : SQL_VIEW_PACKAGES_ALL_BY_RANK;
	}
	bool one_word = query->search.n == 0 && strcmp(query->headline, "not-ready") != 0 &&
		strcmp(query->headline, "unknown") != 0;
	if (one_word && p->out->total <= RARE) {
		return by_name ? SQL_VIEW_PACKAGES_WORD_BY_NAME : SQL_VIEW_PACKAGES_WORD_BY_RANK;
	}
	return by_name ? SQL_VIEW_PACKAGES_FILTERED_BY_NAME : SQL_VIEW_PACKAGES_FILTERED_BY_RANK;
}

static int read_rows(struct pages *p)
{
	const struct package_query *query = p->query;
	struct arena *arena = &p->out->arena;
	int64_t limit = query->limit < 0 || query->limit > MOST_ROWS ? MOST_ROWS : query->limit;
	VEC(struct package_row) rows = {0};
	VEC(int64_t) ids = {0};
	struct sql_query q;
	sql_start(&q, store_sql(p->store), rows_block(p), p->e);
	sql_bind_int(&q, p->target);
	sql_bind_text(&q, query->headline);
	sql_bind_str_or_null(&q, query->search);
	sql_bind_int(&q, limit);
	sql_bind_int(&q, query->offset < 0 ? 0 : query->offset);
	while (sql_row(&q)) {
		*vec_add(&ids) = sql_int(&q, 0);
		*vec_add(&rows) = (struct package_row){
			.name = sql_text(&q, 1, arena),
			.rank = sql_int(&q, 2),
			.downloads = sql_int_or(&q, 3, -1),
			.newest = sql_text(&q, 4, arena),
			.headline = sql_text(&q, 5, arena),
		};
	}
	p->out->rows = store_list_copy(arena, rows.v, rows.n, sizeof(*rows.v));
	p->out->row_count = rows.n;
	p->ids = store_list_copy(arena, ids.v, ids.n, sizeof(*ids.v));
	vec_finish(&rows);
	vec_finish(&ids);
	return sql_end(&q);
}

static int read_strip(struct pages *p, int64_t package, struct package_row *row)
{
	row->strip = arena_new(&p->out->arena, (p->target_count + 1) * sizeof(*row->strip));
	for (size_t i = 0; i < p->target_count; i++) {
		row->strip[i] = headline_word(HEADLINE_UNKNOWN);
	}
	struct sql_query q;
	sql_start(&q, store_sql(p->store), SQL_VIEW_PACKAGES_STRIP, p->e);
	sql_bind_int(&q, package);
	while (sql_row(&q)) {
		int64_t target = sql_int(&q, 0);
		enum headline word = HEADLINE_UNKNOWN;
		(void)headline_find(sql_str(&q, 1), &word);
		for (size_t i = 0; i < p->target_count; i++) {
			if (p->targets[i].id == target) {
				row->strip[i] = headline_word(word);
			}
		}
	}
	return sql_end(&q);
}

static int read_why(struct pages *p, int64_t package, struct package_row *row)
{
	enum headline h = HEADLINE_UNKNOWN;
	(void)headline_find(str_from(row->headline), &h);
	if (h == HEADLINE_READY || h == HEADLINE_NOT_APPLICABLE || h == HEADLINE_BUILDS) {
		return 0;
	}
	struct arena *arena = &p->out->arena;
	struct sql_query q;
	sql_start(&q, store_sql(p->store), SQL_VIEW_PACKAGES_WHY, p->e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, p->target);
	if (sql_row(&q)) {
		const char *vanished = sql_text(&q, 0, arena);
		row->why = sql_text(&q, 1, arena);
		if (h == HEADLINE_VANISHED && vanished != NULL) {
			struct buf text = {0};
			buf_printf(&text, "last in %s", vanished);
			row->why = arena_copy(arena, text.p, text.n);
			buf_finish(&text);
		} else if (h == HEADLINE_DEGRADED) {
			row->why = "pure wheel; others have compiled code";
		}
	}
	return sql_end(&q);
}

static int read_all(struct pages *p)
{
	int code = find_target(p);
	if (code == 0) {
		code = count_total(p);
	}
	if (code == 0) {
		code = read_rows(p);
	}
	for (size_t i = 0; code == 0 && i < p->out->row_count; i++) {
		code = read_strip(p, p->ids[i], &p->out->rows[i]);
		if (code == 0) {
			code = read_why(p, p->ids[i], &p->out->rows[i]);
		}
	}
	return code;
}

int store_packages_view(
	struct store *s, const struct package_query *query, struct packages_view *out, struct err *e)
{
	*out = (struct packages_view){0};
	struct pages p = {.store = s, .query = query, .out = out, .e = e};
	int code = store_begin(s, e);
	if (code == 0) {
		code = read_all(&p);
		store_rollback(s);
	}
	return code;
}

void packages_view_finish(struct packages_view *v)
{
	arena_finish(&v->arena);
	*v = (struct packages_view){0};
}
