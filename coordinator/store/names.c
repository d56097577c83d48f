#include "coordinator/store/names.h"

#include "coordinator/store/store.h"
#include "coordinator/store/store_parts.h"
#include "core/base/clock.h"
#include "sql/db.h"

#include <string.h>

void store_names_finish(struct store_names *n)
{
	free(n->v);
	buf_finish(&n->texts);
	arena_finish(&n->arena);
	*n = (struct store_names){0};
}

/* Neighbours by rank often stand alike. */
static struct str keep_words(struct store_names *n, struct str words, struct str before)
{
	return str_equal(words, before)
		? before
		: (struct str){arena_copy(&n->arena, words.p, words.n), words.n};
}

static int read_all(struct store *s, struct store_names *n, struct err *e)
{
	VEC(struct store_name) list = {0};
	struct str words = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PACKAGE_NAMES, e);
	while (sql_row(&q)) {
		struct str name = sql_str(&q, 1);
		words = keep_words(n, sql_str(&q, 2), words);
		*vec_add(&list) = (struct store_name){sql_int(&q, 0), {NULL, name.n}, words};
		buf_add(&n->texts, name.p, name.n + 1);
	}
	const char *at = n->texts.p;
	for (size_t i = 0; i < list.n; i++) {
		list.v[i].name.p = at;
		at += list.v[i].name.n + 1;
	}
	n->v = list.v;
	n->n = list.n;
	return sql_end(&q);
}

int store_names_take(struct store *s, const struct store_names **out, struct err *e)
{
	struct store_names *n = store_names_of(s);
	int64_t version = 0;
	int64_t now = clock_steady_ms();
	int code = store_data_version(s, &version, e);
	*out = n;
	if (code != 0 ||
		(n->version != 0 && (n->version == version || now - n->read_ms < STORE_NAMES_MS))) {
		return code;
	}
	store_names_finish(n);
	code = read_all(s, n, e);
	n->version = code == 0 ? version : 0;
	n->read_ms = now;
	return code;
}

bool store_names_next(struct store_names_walk *w, const struct store_name **out)
{
	const struct store_names *n = w->names;
	if (w->at == n->n) {
		return false;
	}
	if (w->part.n != 0) {
		const char *from = n->v[w->at].name.p;
		const char *end = n->texts.p + n->texts.n;
		const char *found = memmem(from, (size_t)(end - from), w->part.p, w->part.n);
		if (found == NULL) {
			w->at = n->n;
			return false;
		}
		while (w->at + 1 < n->n && n->v[w->at + 1].name.p <= found) {
			w->at++;
		}
	}
	*out = &n->v[w->at++];
	return true;
}

size_t store_names_search(
	const struct store_names *names, struct str part, const struct store_name **out, size_t most)
{
	struct store_names_walk walk = {.names = names, .part = part};
	const struct store_name *name;
	size_t count = 0;
	size_t first = 0; /* how many begin with it */
	while (most != 0 && store_names_next(&walk, &name)) {
		bool begins = name->name.n >= part.n && memcmp(name->name.p, part.p, part.n) == 0;
		bool whole = begins && name->name.n == part.n;
		if (!whole && (begins ? first : count) == most) {
			continue;
		}
		size_t place = whole ? 0 : begins ? first : count;
		count -= count == most ? 1 : 0;
		memmove(&out[place + 1], &out[place], (count - place) * sizeof(const struct store_name *));
		out[place] = name;
		count++;
		first += begins && first < most ? 1 : 0;
	}
	return count;
}
