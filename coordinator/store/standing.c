#include "coordinator/store/standing.h"

#include "coordinator/store/store_parts.h"
#include "core/farm_protocol/reason.h"
#include "sql/db.h"

static int read_standing(struct store *s, int64_t package, int64_t target, struct arena *arena,
	const char **word, const char **version, int64_t *since, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_STANDING_GET, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, target);
	*word = NULL;
	if (sql_row(&q)) {
		*word = sql_text(&q, 0, arena);
		*version = sql_text(&q, 1, arena);
		*since = sql_int(&q, 2);
	}
	return sql_end(&q);
}

static int add_change(struct store *s, int64_t package, int64_t target, int64_t now,
	const char *was, const char *became, const char *version, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_STANDING_CHANGE, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, target);
	sql_bind_int(&q, now);
	sql_bind_text(&q, was);
	sql_bind_text(&q, became);
	sql_bind_text(&q, version);
	return sql_run(&q);
}

static int put_row(struct store *s, int64_t package, int64_t target, const char *word,
	const char *version, int64_t since, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_STANDING_PUT, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, target);
	sql_bind_text(&q, word);
	sql_bind_text(&q, version);
	sql_bind_int(&q, since);
	return sql_run(&q);
}

int store_standing_put(struct store *s, int64_t package, int64_t target, enum headline headline,
	const char *version, int64_t now, bool *changed, struct err *e)
{
	struct arena arena = {0};
	const char *word = headline_word(headline);
	const char *old_word = NULL;
	const char *old_version = NULL;
	int64_t since = now;
	int code = read_standing(s, package, target, &arena, &old_word, &old_version, &since, e);
	bool new_word = old_word == NULL || !str_is(str_from(old_word), word);
	bool new_version = !str_equal(str_from(old_version), str_from(version));
	if (code == 0 && (new_word || new_version)) {
		code = put_row(s, package, target, word, version, new_word ? now : since, e);
	}
	if (code == 0 && new_word) {
		code = add_change(s, package, target, now, old_word, word, version, e);
	}
	if (changed != NULL) {
		*changed = code == 0 && new_word;
	}
	arena_finish(&arena);
	return code;
}

int store_standing_get(struct store *s, int64_t package, int64_t target, enum headline *headline,
	int64_t *since, struct err *e)
{
	struct arena arena = {0};
	const char *word = NULL;
	const char *version = NULL;
	int code = read_standing(s, package, target, &arena, &word, &version, since, e);
	if (code == 0 && word == NULL) {
		code = err_set(e, ERR_NOT_FOUND, "package %lld has no headline on target %lld",
			(long long)package, (long long)target);
	} else if (code == 0 && !headline_find(str_from(word), headline)) {
		code = err_set(e, ERR_DATABASE, "headline %s is none", word);
	}
	arena_finish(&arena);
	return code;
}

static int worth(const struct store_built *b)
{
	return b->pass ? (b->proven ? 2 : 1) : 0;
}

static bool is_farm_fault(const struct store_built *b)
{
	return !b->pass && str_is(str_from(b->owner), reason_owner_name(REASON_FARM));
}

/* Two modes of one release are two jobs; the better word of them counts, else the newer. What only
 * the farm got wrong says nothing: it takes no other word's place. */
static bool takes_over(const struct store_built *row, const struct store_built *held)
{
	if (is_farm_fault(row) != is_farm_fault(held)) {
		return is_farm_fault(held);
	}
	return row->job == held->job || !str_is(str_from(row->version), held->version) ||
		worth(row) >= worth(held);
}

int store_built_list(struct store *s, int64_t package, struct arena *arena,
	struct store_built **out, size_t *count, struct err *e)
{
	VEC(struct store_built) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_STANDING_BUILT, e);
	sql_bind_int(&q, package);
	while (sql_row(&q)) {
		struct store_built row = {
			.target = sql_int(&q, 0),
			.job = sql_int(&q, 1),
			.version = sql_text(&q, 2, arena),
			.pass = str_is(sql_str(&q, 3), "pass"),
			.proven = sql_int(&q, 4) != 0,
			.stage = sql_text(&q, 5, arena),
			.reason = sql_text(&q, 6, arena),
			.owner = sql_text(&q, 7, arena),
		};
		/* verify turns a pass whose wheel is wrong into a failure, so a pass is clean. */
		row.clean = row.pass;
		struct store_built *last = list.n != 0 ? &list.v[list.n - 1] : NULL;
		if (last == NULL || last->target != row.target) {
			*vec_add(&list) = row;
		} else if (takes_over(&row, last)) {
			*last = row;
		}
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

int store_change_list(struct store *s, int64_t since, struct arena *arena,
	struct store_change **out, size_t *count, struct err *e)
{
	VEC(struct store_change) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_STANDING_CHANGES, e);
	sql_bind_int(&q, since);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct store_change){
			.at = sql_int(&q, 0),
			.package = sql_text(&q, 1, arena),
			.target = sql_text(&q, 2, arena),
			.was = sql_text(&q, 3, arena),
			.became = sql_text(&q, 4, arena),
			.version = sql_text(&q, 5, arena),
		};
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}
