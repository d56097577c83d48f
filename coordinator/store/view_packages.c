#include "coordinator/store/view_packages.h"

#include "coordinator/store/headline.h"
#include "coordinator/store/standing.h"
#include "coordinator/store/store_parts.h"
#include "coordinator/store/view_target.h"
#include "sql/db.h"

#include <string.h>

enum { MOST_ROWS = 500 };

struct pages {
	struct store *store;
	const struct package_query *query;
	struct packages_view *out;
	struct store_target *targets; /* in the view's order */
	size_t target_count;
	int64_t target; /* id of the one asked for */
	int64_t *ids; /* of the packages in out->rows */
	char letter[2]; /* of the headline asked for */
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
					(p->query->family == NULL || strcmp(t->family, p->query->family) == 0) &&
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

/* What the query's headline is in `words`, as view.sql has it. */
static void choose_letter(struct pages *p)
{
	const char *word = p->query->headline;
	enum headline h = HEADLINE_UNKNOWN;
	p->letter[0] = '!';
	if (word != NULL && strcmp(word, "not-ready") != 0) {
		(void)headline_find(str_from(word), &h);
		p->letter[0] = headline_letter(h);
	}
}

static void bind_filter(struct pages *p, struct sql_query *q)
{
	sql_bind_int(q, p->target);
	sql_bind_text(q, p->query->headline != NULL ? p->letter : NULL);
	sql_bind_str_or_null(q, p->query->search);
	sql_bind_text(q, p->query->reason);
	sql_bind_text(q, p->query->owner);
}

static bool is_wanted(char wanted, struct str words, int64_t target)
{
	bool there = target >= 1 && (uint64_t)target <= words.n;
	enum headline h = headline_of_letter(there ? words.p[target - 1] : STANDING_NEVER);
	return wanted == '!' ? h != HEADLINE_READY && h != HEADLINE_NOT_APPLICABLE
						 : headline_letter(h) == wanted;
}

/* Where only the headline is asked for, the totals tell. */
static int count_words(struct pages *p)
{
	struct sql_query q;
	sql_start(&q, store_sql(p->store), SQL_VIEW_TOTALS, p->e);
	while (sql_row(&q)) {
		bool wanted =
			p->query->headline == NULL || is_wanted(p->letter[0], sql_str(&q, 0), p->target);
		p->out->total += wanted ? sql_int(&q, 1) : 0;
	}
	return sql_end(&q);
}

static int count_total(struct pages *p)
{
	if (p->query->search.n == 0 && p->query->reason == NULL && p->query->owner == NULL) {
		return count_words(p);
	}
	struct sql_query q;
	sql_start(&q, store_sql(p->store), SQL_VIEW_PACKAGES_COUNT, p->e);
	bind_filter(p, &q);
	p->out->total = sql_row(&q) ? sql_int(&q, 0) : 0;
	return sql_end(&q);
}

static const char *word_at(struct str words, int64_t target)
{
	bool there = target >= 1 && (uint64_t)target <= words.n;
	return headline_word(headline_of_letter(there ? words.p[target - 1] : STANDING_NEVER));
}

static void read_words(struct pages *p, struct str words, struct package_row *row)
{
	row->headline = word_at(words, p->target);
	row->strip = arena_new(&p->out->arena, (p->target_count + 1) * sizeof(*row->strip));
	for (size_t i = 0; i < p->target_count; i++) {
		row->strip[i] = word_at(words, p->targets[i].id);
	}
}

static void read_row(struct pages *p, struct sql_query *q, struct package_row *row)
{
	struct arena *arena = &p->out->arena;
	*row = (struct package_row){
		.name = sql_text(q, 1, arena),
		.rank = sql_int(q, 2),
		.downloads = sql_int_or(q, 3, -1),
		.newest = sql_text(q, 4, arena),
	};
	read_words(p, sql_str(q, 5), row);
}

static int read_rows(struct pages *p)
{
	const struct package_query *query = p->query;
	int64_t most = query->limit == PACKAGES_ALL ? INT64_MAX : MOST_ROWS;
	int64_t limit = query->limit < 0 || query->limit > most ? most : query->limit;
	int64_t offset = query->offset < 0 ? 0 : query->offset;
	/* Not one more than there are: the search for it would go on to the last package. */
	int64_t left = p->out->total > offset ? p->out->total - offset : 0;
	limit = left < limit ? left : limit;
	VEC(struct package_row) rows = {0};
	VEC(int64_t) ids = {0};
	struct sql_query q;
	sql_start(&q, store_sql(p->store),
		query->sort == PACKAGE_SORT_NAME ? SQL_VIEW_PACKAGES_BY_NAME : SQL_VIEW_PACKAGES_BY_RANK,
		p->e);
	bind_filter(p, &q);
	sql_bind_int(&q, limit);
	sql_bind_int(&q, offset);
	while (sql_row(&q)) {
		*vec_add(&ids) = sql_int(&q, 0);
		read_row(p, &q, vec_add(&rows));
	}
	p->out->rows = store_list_copy(&p->out->arena, rows.v, rows.n, sizeof(*rows.v));
	p->out->row_count = rows.n;
	p->ids = store_list_copy(&p->out->arena, ids.v, ids.n, sizeof(*ids.v));
	vec_finish(&rows);
	vec_finish(&ids);
	return sql_end(&q);
}

/* "last in 46.0.3", or "compile_error: the line", in a few words. */
static const char *make_why(struct arena *arena, enum headline h, const char *vanished,
	const char *reason, const char *line)
{
	struct buf text = {0};
	if (h == HEADLINE_VANISHED && vanished != NULL) {
		buf_printf(&text, "last in %s", vanished);
	} else if (h == HEADLINE_DEGRADED) {
		buf_add_text(&text, "pure wheel; others have compiled code");
	} else if (reason != NULL) {
		buf_printf(&text, "%s%s%s", reason, line != NULL ? ": " : "", line != NULL ? line : "");
	}
	const char *why = text.n != 0 ? arena_copy(arena, text.p, text.n) : NULL;
	buf_finish(&text);
	return why;
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
		row->reason = sql_text(&q, 1, arena);
		row->why = make_why(arena, h, sql_text(&q, 0, arena), row->reason, sql_text(&q, 2, arena));
	}
	return sql_end(&q);
}

static int read_found(struct pages *p)
{
	VEC(struct package_row) rows = {0};
	struct sql_query q;
	sql_start(&q, store_sql(p->store), SQL_VIEW_SEARCH, p->e);
	sql_bind_str(&q, p->query->search);
	sql_bind_int(&q, SEARCH_MOST);
	while (sql_row(&q)) {
		struct package_row *row = vec_add(&rows);
		*row = (struct package_row){
			.name = sql_text(&q, 0, &p->out->arena),
			.rank = sql_int(&q, 1),
			.downloads = -1,
		};
		read_words(p, sql_str(&q, 2), row);
	}
	p->out->rows = store_list_copy(&p->out->arena, rows.v, rows.n, sizeof(*rows.v));
	p->out->row_count = rows.n;
	p->out->total = (int64_t)rows.n;
	vec_finish(&rows);
	return sql_end(&q);
}

int store_search_view(struct store *s, struct str part, struct packages_view *out, struct err *e)
{
	const struct package_query query = {.search = part};
	*out = (struct packages_view){0};
	struct pages p = {.store = s, .query = &query, .out = out, .e = e};
	int code = store_begin(s, e);
	if (code == 0) {
		code = find_target(&p);
		if (code == 0) {
			code = read_found(&p);
		}
		store_rollback(s);
	}
	return code;
}

static int read_all(struct pages *p)
{
	choose_letter(p);
	int code = find_target(p);
	if (code == 0) {
		code = count_total(p);
	}
	if (code == 0) {
		code = read_rows(p);
	}
	for (size_t i = 0; code == 0 && i < p->out->row_count; i++) {
		code = read_why(p, p->ids[i], &p->out->rows[i]);
	}
	return code;
}

int view_packages_read(
	struct store *s, const struct package_query *query, struct packages_view *out, struct err *e)
{
	*out = (struct packages_view){0};
	struct pages p = {.store = s, .query = query, .out = out, .e = e};
	return read_all(&p);
}

int store_packages_view(
	struct store *s, const struct package_query *query, struct packages_view *out, struct err *e)
{
	*out = (struct packages_view){0};
	int code = store_begin(s, e);
	if (code == 0) {
		code = view_packages_read(s, query, out, e);
		store_rollback(s);
	}
	return code;
}

static int read_names(struct pages *p, struct names_view *out)
{
	VEC(struct name_view) names = {0};
	struct sql_query q;
	sql_start(&q, store_sql(p->store), SQL_VIEW_NAMES, p->e);
	while (sql_row(&q)) {
		*vec_add(&names) = (struct name_view){
			.name = sql_text(&q, 0, &out->arena),
			.scanned = sql_int(&q, 1),
			.headline = word_at(sql_str(&q, 2), p->target),
		};
	}
	out->names = store_list_copy(&out->arena, names.v, names.n, sizeof(*names.v));
	out->count = names.n;
	vec_finish(&names);
	return sql_end(&q);
}

int store_names_view(struct store *s, struct names_view *out, struct err *e)
{
	const struct package_query query = {0};
	struct packages_view targets = {0};
	*out = (struct names_view){0};
	struct pages p = {.store = s, .query = &query, .out = &targets, .e = e};
	int code = store_begin(s, e);
	if (code != 0) {
		return code;
	}
	code = find_target(&p);
	if (code == 0) {
		code = read_names(&p, out);
		out->target = targets.target != NULL
			? arena_copy(&out->arena, targets.target, strlen(targets.target))
			: NULL;
	}
	store_rollback(s);
	packages_view_finish(&targets);
	return code;
}

void names_view_finish(struct names_view *v)
{
	arena_finish(&v->arena);
	*v = (struct names_view){0};
}

void packages_view_finish(struct packages_view *v)
{
	arena_finish(&v->arena);
	*v = (struct packages_view){0};
}
