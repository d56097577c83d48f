#include "coordinator/store/view_packages.h"

#include "coordinator/store/dependency.h"
#include "coordinator/store/headline.h"
#include "coordinator/store/names.h"
#include "coordinator/store/standing.h"
#include "coordinator/store/store_parts.h"
#include "coordinator/store/view_target.h"
#include "coordinator/store/view_waits.h"
#include "sql/db.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 500 };

struct pages {
	struct store *store;
	const struct package_query *query;
	struct packages_view *out;
	struct store_target *targets; /* in the view's order */
	size_t target_count;
	int64_t target; /* id of the one asked for */
	char letter; /* of the headline asked for */
	bool only_failed;
	VEC(int64_t) failed; /* ids */
	VEC(const struct store_name *) chosen; /* of the connection's names */
	struct waits waits; /* of the target, where they are asked for */
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

/* The letter of the query's headline in `words`; '!' is all but ready and not_applicable, '\0' any. */
static void choose_letter(struct pages *p)
{
	const char *word = p->query->headline;
	enum headline h = HEADLINE_UNKNOWN;
	if (word == NULL) {
		p->letter = '\0';
	} else if (strcmp(word, "not-ready") == 0) {
		p->letter = '!';
	} else {
		(void)headline_find(str_from(word), &h);
		p->letter = headline_letter(h);
	}
}

static enum headline headline_at(struct str words, int64_t target)
{
	bool there = target >= 1 && (uint64_t)target <= words.n;
	return headline_of_letter(there ? words.p[target - 1] : STANDING_NEVER);
}

static bool has_headline(const struct pages *p, struct str words)
{
	if (p->letter == '\0') {
		return true;
	}
	enum headline h = headline_at(words, p->target);
	return p->letter == '!' ? h != HEADLINE_READY && h != HEADLINE_NOT_APPLICABLE
							: headline_letter(h) == p->letter;
}

/* The packages that the query's reason and owner are true of, by id. */
static int read_failed(struct pages *p)
{
	if (p->query->reason == NULL && p->query->owner == NULL) {
		return 0;
	}
	struct sql_query q;
	p->only_failed = true;
	sql_start(&q, store_sql(p->store), SQL_VIEW_FAILED_PACKAGES, p->e);
	sql_bind_int(&q, p->target);
	sql_bind_text(&q, p->query->reason);
	sql_bind_text(&q, p->query->owner);
	while (sql_row(&q)) {
		*vec_add(&p->failed) = sql_int(&q, 0);
	}
	return sql_end(&q);
}

static int compare_ids(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static bool has_failed(const struct pages *p, int64_t id)
{
	return !p->only_failed ||
		(p->failed.n != 0 &&
			bsearch(&id, p->failed.v, p->failed.n, sizeof(id), compare_ids) != NULL);
}

static int compare_names(const void *a, const void *b)
{
	const struct store_name *const *x = a;
	const struct store_name *const *y = b;
	return str_compare((*x)->name, (*y)->name);
}

/* All that fit, in the order asked for; most pages need no more than to know how many. */
static int choose(struct pages *p)
{
	struct store_names_walk walk = {.part = p->query->search};
	const struct store_name *name;
	int code = store_names_take(p->store, &walk.names, p->e);
	while (code == 0 && store_names_next(&walk, &name)) {
		if (has_headline(p, name->words) && has_failed(p, name->id)) {
			*vec_add(&p->chosen) = name;
		}
	}
	if (p->query->sort == PACKAGE_SORT_NAME && p->chosen.n > 1) {
		qsort(p->chosen.v, p->chosen.n, sizeof(*p->chosen.v), compare_names);
	}
	p->out->total = (int64_t)p->chosen.n;
	return code;
}

struct by_waits {
	const struct store_name *name;
	struct root_waits waits;
	size_t place;
};

static int compare_waits(const void *a, const void *b)
{
	const struct by_waits *x = a, *y = b;
	if (x->waits.downloads != y->waits.downloads) {
		return x->waits.downloads > y->waits.downloads ? -1 : 1;
	}
	if (x->waits.packages != y->waits.packages) {
		return x->waits.packages > y->waits.packages ? -1 : 1;
	}
	return x->place < y->place ? -1 : 1;
}

/* Whom others wait for goes before; the rest stays in its order. */
static int order_by_waits(struct pages *p)
{
	int code = view_waits_read(p->store, p->target, &p->waits, p->e);
	size_t n = code == 0 ? p->chosen.n : 0;
	struct by_waits *list = mem_new(n + 1, sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		const struct store_name *name = p->chosen.v[i];
		list[i] = (struct by_waits){
			.name = name, .waits = view_waits_of(&p->waits, name->name), .place = i};
	}
	qsort(list, n, sizeof(*list), compare_waits);
	for (size_t i = 0; i < n; i++) {
		p->chosen.v[i] = list[i].name;
	}
	free(list);
	return code;
}

static const char *word_at(struct str words, int64_t target)
{
	return headline_word(headline_at(words, target));
}

static void read_words(struct pages *p, struct str words, struct package_row *row)
{
	row->headline = word_at(words, p->target);
	row->strip = arena_new(&p->out->arena, (p->target_count + 1) * sizeof(*row->strip));
	for (size_t i = 0; i < p->target_count; i++) {
		row->strip[i] = word_at(words, p->targets[i].id);
	}
}

static int read_row(struct pages *p, const struct store_name *name, struct package_row *row)
{
	struct sql_query q;
	*row = (struct package_row){
		.name = arena_copy(&p->out->arena, name->name.p, name->name.n),
		.downloads = -1,
	};
	sql_start(&q, store_sql(p->store), SQL_VIEW_PACKAGE_ROW, p->e);
	sql_bind_int(&q, name->id);
	if (sql_row(&q)) {
		row->rank = sql_int(&q, 0);
		row->downloads = sql_int_or(&q, 1, -1);
		row->newest = sql_text(&q, 2, &p->out->arena);
	}
	read_words(p, name->words, row);
	if (p->query->by_waits) {
		struct root_waits waits = view_waits_of(&p->waits, name->name);
		row->waits = waits.packages;
		row->waiting_downloads = waits.downloads;
		row->freed = waits.freed;
	}
	return sql_end(&q);
}

/* The rows of chosen[from..to). */
static int read_rows(struct pages *p, size_t from, size_t to)
{
	struct packages_view *out = p->out;
	int code = 0;
	out->rows = arena_new(&out->arena, (to - from + 1) * sizeof(*out->rows));
	for (size_t i = from; code == 0 && i < to; i++) {
		code = read_row(p, p->chosen.v[i], &out->rows[out->row_count++]);
	}
	return code;
}

/* The first of those that block it there; NULL: nobody. */
static int read_root(struct pages *p, int64_t package, const char **root)
{
	struct store_blocker *rows = NULL;
	size_t count = 0;
	int code = store_blocker_list(p->store, package, &p->out->arena, &rows, &count, p->e);
	*root = NULL;
	for (size_t i = 0; code == 0 && i < count && *root == NULL; i++) {
		*root = store_targets_has(rows[i].targets, p->target) ? rows[i].root : NULL;
	}
	return code;
}

/* What a headline alone leaves open. */
struct why {
	const char *root; /* who blocks it */
	const char *vanished; /* the last version that had a wheel */
	const char *reason, *line; /* of the failed build */
	const char *state; /* of what is published */
};

/* "last in 46.0.3", "waits for grpcio" or "compile_error: the line", in a few words. */
static const char *make_why(struct arena *arena, enum headline h, const struct why *w)
{
	struct buf text = {0};
	if (h == HEADLINE_BLOCKED && w->root != NULL) {
		buf_printf(&text, "waits for %s", w->root);
	} else if (h == HEADLINE_VANISHED && w->vanished != NULL) {
		buf_printf(&text, "last in %s", w->vanished);
	} else if (h == HEADLINE_DEGRADED) {
		buf_add_text(&text, "pure wheel; others have compiled code");
	} else if (w->reason != NULL) {
		buf_printf(&text, "%s%s%s", w->reason, w->line != NULL ? ": " : "",
			w->line != NULL ? w->line : "");
	} else if (w->state == NULL) {
		buf_add_text(&text, "nobody has looked yet");
	} else if (strcmp(w->state, "sdist") == 0) {
		buf_add_text(&text, "only its source is published");
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
	struct why why = {0};
	int code = h == HEADLINE_BLOCKED ? read_root(p, package, &why.root) : 0;
	if (code != 0) {
		return code;
	}
	sql_start(&q, store_sql(p->store), SQL_VIEW_PACKAGES_WHY, p->e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, p->target);
	if (sql_row(&q)) {
		why.vanished = sql_text(&q, 0, arena);
		row->reason = why.reason = sql_text(&q, 1, arena);
		why.line = sql_text(&q, 2, arena);
		why.state = sql_text(&q, 3, arena);
		row->why = make_why(arena, h, &why);
	}
	return sql_end(&q);
}

/* What would have to be there before it can work. That nobody tried a source alone keeps nobody from
 * installing it. */
static int read_after(struct pages *p, int64_t package, struct package_row *row)
{
	const char letters[] = {headline_letter(HEADLINE_MISSING), headline_letter(HEADLINE_VANISHED),
		headline_letter(HEADLINE_BLOCKED), headline_letter(HEADLINE_BROKEN)};
	struct sql_query q;
	row->after = arena_new(&p->out->arena, PACKAGE_AFTER * sizeof(*row->after));
	sql_start(&q, store_sql(p->store), SQL_DEPENDENCY_AFTER, p->e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, p->target);
	sql_bind_str(&q, (struct str){letters, sizeof(letters)});
	while (sql_row(&q) && row->after_count < PACKAGE_AFTER) {
		row->after[row->after_count++] = sql_text(&q, 0, &p->out->arena);
	}
	return sql_end(&q);
}

static int read_page(struct pages *p)
{
	const struct package_query *query = p->query;
	uint64_t most = query->limit == PACKAGES_ALL ? UINT64_MAX : MOST_ROWS;
	uint64_t limit =
		query->limit >= 0 && (uint64_t)query->limit < most ? (uint64_t)query->limit : most;
	size_t from = query->offset < 0 ? 0 : (size_t)query->offset;
	from = from < p->chosen.n ? from : p->chosen.n;
	size_t left = p->chosen.n - from;
	int code = read_rows(p, from, from + (limit < left ? (size_t)limit : left));
	for (size_t i = 0; code == 0 && i < p->out->row_count; i++) {
		code = read_why(p, p->chosen.v[from + i]->id, &p->out->rows[i]);
		if (code == 0 && query->by_waits) {
			code = read_after(p, p->chosen.v[from + i]->id, &p->out->rows[i]);
		}
	}
	return code;
}

static int read_found(struct pages *p)
{
	const struct store_names *names;
	const struct store_name *found[SEARCH_MOST];
	int code = store_names_take(p->store, &names, p->e);
	size_t n = code == 0 ? store_names_search(names, p->query->search, found, SEARCH_MOST) : 0;
	for (size_t i = 0; i < n; i++) {
		*vec_add(&p->chosen) = found[i];
	}
	p->out->total = (int64_t)n;
	return code == 0 ? read_rows(p, 0, n) : code;
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
		vec_finish(&p.chosen);
		store_rollback(s);
	}
	return code;
}

static int read_all(struct pages *p)
{
	choose_letter(p);
	int code = find_target(p);
	if (code == 0) {
		code = read_failed(p);
	}
	if (code == 0) {
		code = choose(p);
	}
	if (code == 0 && p->query->by_waits) {
		code = order_by_waits(p);
	}
	if (code == 0) {
		code = read_page(p);
	}
	vec_finish(&p->failed);
	vec_finish(&p->chosen);
	view_waits_finish(&p->waits);
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
