#include "coordinator/store/standing.h"

#include "coordinator/store/change.h"
#include "coordinator/store/store_parts.h"
#include "core/farm_protocol/reason.h"
#include "sql/db.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

char store_fact_letter(const char *state, bool lost_accelerator, bool vanished)
{
	static const struct {
		const char *state;
		char letter;
	} rows[] = {{"wheel", 'w'}, {"pure", 'p'}, {"sdist", 's'}, {"none", 'n'},
		{"python_excluded", 'x'}, {"not_applicable", 'a'}};
	char letter = 'n';
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(state, rows[i].state) == 0) {
			letter = rows[i].letter;
		}
	}
	letter = letter == 'p' && lost_accelerator ? 'l' : letter;
	return vanished ? (char)toupper(letter) : letter;
}

/* "TIME" or "TIME*N": how many more places have this time. */
static void read_time(struct str item, int64_t *time, uint64_t *times)
{
	struct str number;
	*times = 1;
	if (str_split(&item, '*', &number) && !str_to_i64(number, time)) {
		*time = 0;
	}
	if (item.n != 0 && !str_to_u64(item, times)) {
		*times = 1;
	}
}

void store_standing_read(struct str words, struct str since, struct store_standing *out)
{
	struct str item;
	int64_t time = 0;
	uint64_t times = 0;
	out->n = words.n < STORE_TARGETS ? words.n : STORE_TARGETS;
	for (size_t i = 0; i < out->n; i++) {
		if (times == 0 && str_split(&since, ',', &item)) {
			read_time(item, &time, &times);
		}
		out->v[i] = (struct store_pair){
			.fact = STANDING_NEVER, .word = words.p[i], .since = times != 0 ? time : 0};
		times -= times != 0 ? 1 : 0;
	}
	for (size_t i = out->n; i < STORE_TARGETS; i++) {
		out->v[i] = (struct store_pair){.fact = STANDING_NEVER, .word = STANDING_NEVER};
	}
}

static void write_standing(const struct store_standing *s, struct buf *words, struct buf *since)
{
	for (size_t i = 0; i < s->n;) {
		size_t run = i;
		while (run < s->n && s->v[run].since == s->v[i].since) {
			buf_add_char(words, s->v[run++].word);
		}
		buf_printf(since, "%s%lld", i != 0 ? "," : "", (long long)s->v[i].since);
		if (run - i > 1) {
			buf_printf(since, "*%zu", run - i);
		}
		i = run;
	}
}

static int read_facts(struct store *s, int64_t package, struct arena *arena,
	struct store_standing *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PUBLISHED_LETTERS, e);
	sql_bind_int(&q, package);
	while (sql_row(&q)) {
		struct str targets = sql_str(&q, 0);
		struct str state = sql_str(&q, 1);
		char fact = store_fact_letter(state.p, sql_int(&q, 2) != 0, sql_int(&q, 3) != 0);
		const char *version = sql_text(&q, 4, arena);
		for (size_t i = 0; i < STORE_TARGETS && i < targets.n; i++) {
			if (targets.p[i] == '1') {
				out->v[i].fact = fact;
				out->v[i].version = version;
			}
		}
	}
	return sql_end(&q);
}

static int read_words(
	struct store *s, int64_t package, struct store_standing *out, bool *known, struct err *e)
{
	struct sql_query q;
	*known = false;
	sql_start(&q, store_sql(s), SQL_STANDING_GET, e);
	sql_bind_int(&q, package);
	struct str words = {0}, since = {0}, letters = {0};
	if (sql_row(&q)) {
		words = sql_str(&q, 0);
		since = sql_str(&q, 1);
		letters = sql_str(&q, 3);
		*known = words.n != 0;
	}
	store_standing_read(words, since, out);
	for (size_t i = 0; i < letters.n && i < STORE_TARGETS; i++) {
		out->v[i].dependencies = letters.p[i];
	}
	return sql_end(&q);
}

int store_standing_words(
	struct store *s, int64_t package, struct store_standing *out, struct err *e)
{
	bool known;
	return read_words(s, package, out, &known, e);
}

int store_standing_get(struct store *s, int64_t package, struct arena *arena,
	struct store_standing *out, struct err *e)
{
	bool known;
	int code = read_words(s, package, out, &known, e);
	return code == 0 && known ? read_facts(s, package, arena, out, e) : code;
}

static int put_words(
	struct store *s, int64_t package, const struct store_standing *standing, struct err *e)
{
	struct buf words = {0}, since = {0};
	struct sql_query q;
	write_standing(standing, &words, &since);
	sql_start(&q, store_sql(s), SQL_STANDING_PUT, e);
	sql_bind_int(&q, package);
	sql_bind_str(&q, buf_view(&words));
	sql_bind_str(&q, buf_view(&since));
	int code = sql_run(&q);
	buf_finish(&words);
	buf_finish(&since);
	return code;
}

int store_standing_put(struct store *s, int64_t package, const struct store_standing *before,
	const struct store_standing *after, int64_t now, struct err *e)
{
	struct store_standing kept = *after;
	bool other_words = before->n != after->n;
	bool logged = false;
	for (size_t i = 0; i < after->n; i++) {
		const struct store_pair *was = &before->v[i];
		bool same = was->word == after->v[i].word;
		kept.v[i].since = same && was->since != 0 ? was->since : now;
		other_words |= !same;
		logged |= was->word != STANDING_NEVER && (!same || was->fact != after->v[i].fact);
	}
	int code = other_words ? put_words(s, package, &kept, e) : 0;
	return code == 0 && logged ? store_change_log(s, package, before, after, now, e) : code;
}

static int worth(const struct store_built *b)
{
	return b->clean ? 1 + b->proven + b->pass : 0;
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

struct built_row {
	struct store_built built;
	int64_t result;
};

static int by_target_and_result(const void *a, const void *b)
{
	const struct built_row *x = a;
	const struct built_row *y = b;
	if (x->built.target != y->built.target) {
		return x->built.target < y->built.target ? -1 : 1;
	}
	return (x->result > y->result) - (x->result < y->result);
}

static void read_built(struct sql_query *q, struct arena *arena, struct built_row *out)
{
	*out = (struct built_row){
		.built =
			{
				.target = sql_int(q, 0),
				.job = sql_int(q, 1),
				.version = sql_text(q, 2, arena),
				.pass = str_is(sql_str(q, 3), "pass"),
				.proven = sql_int(q, 4) != 0,
				.stage = sql_text(q, 5, arena),
				.reason = sql_text(q, 6, arena),
				.owner = sql_text(q, 7, arena),
				/* verify turns a pass whose wheel is wrong into a failure */
				.clean = sql_int(q, 9) != 0,
			},
		.result = sql_int(q, 8),
	};
}

int store_built_list(struct store *s, int64_t package, int64_t target, struct arena *arena,
	struct store_built **out, size_t *count, struct err *e)
{
	VEC(struct built_row) rows = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), target != 0 ? SQL_STANDING_BUILT_ON : SQL_STANDING_BUILT, e);
	sql_bind_int(&q, package);
	if (target != 0) {
		sql_bind_int(&q, target);
	}
	while (sql_row(&q)) {
		read_built(&q, arena, vec_add(&rows));
	}
	if (rows.n > 1) {
		qsort(rows.v, rows.n, sizeof(*rows.v), by_target_and_result);
	}
	struct store_built *list = arena_new(arena, (rows.n + 1) * sizeof(*list));
	size_t n = 0;
	for (size_t i = 0; i < rows.n; i++) {
		const struct store_built *row = &rows.v[i].built;
		if (n == 0 || list[n - 1].target != row->target) {
			list[n++] = *row;
		} else if (takes_over(row, &list[n - 1])) {
			list[n - 1] = *row;
		}
	}
	*out = list;
	*count = n;
	vec_finish(&rows);
	return sql_end(&q);
}
