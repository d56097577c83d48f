#include "coordinator/store/published.h"

#include "coordinator/store/store_parts.h"
#include "coordinator/store/target.h"
#include "sql/db.h"

/* The file tells most facts apart, so it is looked at first. */
static bool same_fact(const struct store_published *a, const struct store_published *b)
{
	return str_same(a->file, b->file) && str_same(a->state, b->state) &&
		str_same(a->version, b->version) && str_same(a->file_sha256, b->file_sha256) &&
		str_same(a->sdist_version, b->sdist_version) && str_same(a->sdist_file, b->sdist_file) &&
		str_same(a->first_version, b->first_version) && a->first_date == b->first_date &&
		str_same(a->newest_version, b->newest_version) && a->newest_date == b->newest_date &&
		a->behind == b->behind && a->lost_accelerator == b->lost_accelerator &&
		a->emulated_alternative == b->emulated_alternative && str_same(a->vanished, b->vanished) &&
		a->compiled_elsewhere == b->compiled_elsewhere;
}

static int put(struct store *s, int64_t package, int64_t number, struct str targets,
	const struct store_published *p, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PUBLISHED_PUT, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, number);
	sql_bind_str(&q, targets);
	sql_bind_text(&q, p->state);
	sql_bind_text(&q, p->version);
	sql_bind_text(&q, p->file);
	sql_bind_text(&q, p->file_sha256);
	sql_bind_text(&q, p->sdist_version);
	sql_bind_text(&q, p->sdist_file);
	sql_bind_text(&q, p->first_version);
	sql_bind_int_or_null(&q, p->first_date, 0);
	sql_bind_text(&q, p->newest_version);
	sql_bind_int_or_null(&q, p->newest_date, 0);
	sql_bind_int_or_null(&q, p->behind, -1);
	sql_bind_int(&q, p->lost_accelerator);
	sql_bind_int(&q, p->emulated_alternative);
	sql_bind_text(&q, p->vanished);
	sql_bind_int(&q, p->compiled_elsewhere);
	return sql_run(&q);
}

static int remove_all(struct store *s, int64_t package, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PUBLISHED_DELETE, e);
	sql_bind_int(&q, package);
	return sql_run(&q);
}

static const char *keep(struct arena *arena, const char *text)
{
	return text != NULL ? arena_copy(arena, text, strlen(text)) : NULL;
}

static struct store_published copy_fact(struct arena *arena, const struct store_published *p)
{
	struct store_published copy = *p;
	copy.target = 0;
	copy.target_name = NULL;
	copy.state = keep(arena, p->state);
	copy.version = keep(arena, p->version);
	copy.file = keep(arena, p->file);
	copy.file_sha256 = keep(arena, p->file_sha256);
	copy.sdist_version = keep(arena, p->sdist_version);
	copy.sdist_file = keep(arena, p->sdist_file);
	copy.first_version = keep(arena, p->first_version);
	copy.newest_version = keep(arena, p->newest_version);
	copy.vanished = keep(arena, p->vanished);
	return copy;
}

void store_published_share(const struct store_published *facts, size_t count, struct arena *arena,
	struct store_published_set *out)
{
	const struct store_published *firsts[STORE_TARGETS];
	if (count > STORE_TARGETS) {
		mem_bug("%zu published facts of one package", count);
	}
	*out = (struct store_published_set){.count = count, .of = arena_new(arena, count + 1)};
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < out->n && !same_fact(firsts[k], &facts[i])) {
			k++;
		}
		firsts[k] = &facts[i];
		out->n = k == out->n ? k + 1 : out->n;
		out->of[i] = (unsigned char)k;
	}
	out->v = arena_new(arena, (out->n + 1) * sizeof(*out->v));
	for (size_t k = 0; k < out->n; k++) {
		out->v[k] = copy_fact(arena, firsts[k]);
	}
}

int store_published_replace(struct store *s, int64_t package, const struct store_published_set *set,
	const int64_t *targets, struct err *e)
{
	int code = remove_all(s, package, e);
	for (size_t k = 0; code == 0 && k < set->n; k++) {
		char places[STORE_TARGETS];
		size_t n = 0;
		memset(places, '0', sizeof(places));
		for (size_t i = 0; i < set->count; i++) {
			if (set->of[i] == k) {
				size_t place = (size_t)targets[i];
				places[place - 1] = '1';
				n = place > n ? place : n;
			}
		}
		code = put(s, package, (int64_t)k + 1, (struct str){places, n}, &set->v[k], e);
	}
	return code;
}

static void read_row(struct sql_query *q, struct arena *arena, struct store_published *out)
{
	*out = (struct store_published){
		.state = sql_text(q, 1, arena),
		.version = sql_text(q, 2, arena),
		.file = sql_text(q, 3, arena),
		.file_sha256 = sql_text(q, 4, arena),
		.sdist_version = sql_text(q, 5, arena),
		.sdist_file = sql_text(q, 6, arena),
		.first_version = sql_text(q, 7, arena),
		.first_date = sql_int(q, 8),
		.newest_version = sql_text(q, 9, arena),
		.newest_date = sql_int(q, 10),
		.behind = sql_int_or(q, 11, -1),
		.lost_accelerator = sql_int(q, 12) != 0,
		.emulated_alternative = sql_int(q, 13) != 0,
		.vanished = sql_text(q, 14, arena),
		.compiled_elsewhere = sql_int(q, 15) != 0,
	};
}

/* A row, and the targets that share it. */
struct shared {
	struct store_published fact;
	struct str targets;
};

static int read_shared(struct store *s, int64_t package, struct arena *arena, struct shared **out,
	size_t *count, struct err *e)
{
	VEC(struct shared) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PUBLISHED_LIST, e);
	sql_bind_int(&q, package);
	while (sql_row(&q)) {
		struct shared *row = vec_add(&list);
		struct str targets = sql_str(&q, 0);
		read_row(&q, arena, &row->fact);
		row->targets = (struct str){arena_copy(arena, targets.p, targets.n), targets.n};
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

static const struct shared *find_shared(const struct shared *rows, size_t n, int64_t target)
{
	for (size_t i = 0; i < n; i++) {
		if (store_targets_has(rows[i].targets, target)) {
			return &rows[i];
		}
	}
	return NULL;
}

int store_published_list(struct store *s, int64_t package, struct arena *arena,
	struct store_published **out, size_t *count, struct err *e)
{
	struct shared *rows = NULL;
	struct store_target *targets = NULL;
	size_t row_count = 0, target_count = 0;
	*count = 0;
	int code = read_shared(s, package, arena, &rows, &row_count, e);
	if (code == 0) {
		code = store_target_list(s, arena, &targets, &target_count, e);
	}
	*out = arena_new(arena, (target_count + 1) * sizeof(**out));
	for (size_t i = 0; code == 0 && i < target_count; i++) {
		const struct shared *row = find_shared(rows, row_count, targets[i].id);
		if (row != NULL) {
			struct store_published *p = &(*out)[(*count)++];
			*p = row->fact;
			p->target = targets[i].id;
			p->target_name = targets[i].name;
		}
	}
	return code;
}

int store_published_get(struct store *s, int64_t package, int64_t target, struct arena *arena,
	struct store_published *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PUBLISHED_GET, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, target);
	bool found = sql_row(&q);
	if (found) {
		read_row(&q, arena, out);
		out->target = target;
	}
	int code = sql_end(&q);
	if (code == 0 && !found) {
		code = err_set(e, ERR_NOT_FOUND, "package %lld has no published row of target %lld",
			(long long)package, (long long)target);
	}
	return code;
}
