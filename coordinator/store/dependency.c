#include "coordinator/store/dependency.h"

#include "coordinator/store/store_parts.h"
#include "sql/db.h"

#include <string.h>

const char *store_dependency_word(char letter)
{
	return letter == DEPENDENCY_OK ? "ok" : letter == DEPENDENCY_BLOCKED ? "blocked" : "unknown";
}

static struct str keep(struct arena *arena, struct str text)
{
	return (struct str){arena_copy(arena, text.p, text.n), text.n};
}

int store_dependency_state(
	struct store *s, struct arena *arena, const char **targets, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_STATE, e);
	*targets = sql_row(&q) ? sql_text(&q, 0, arena) : NULL;
	return sql_end(&q);
}

int store_dependency_state_put(struct store *s, const char *targets, int64_t now, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_STATE_PUT, e);
	sql_bind_text(&q, targets);
	sql_bind_int(&q, now);
	return sql_run(&q);
}

int store_dependency_forget(struct store *s, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_PACKS_FORGET, e);
	int code = sql_run(&q);
	if (code == 0) {
		sql_start(&q, store_sql(s), SQL_DEPENDENCY_JUDGED_FORGET, e);
		code = sql_run(&q);
	}
	if (code == 0) {
		sql_start(&q, store_sql(s), SQL_DEPENDENCY_DUE_ALL, e);
		code = sql_run(&q);
	}
	return code;
}

int store_due_list(
	struct store *s, struct arena *arena, struct store_due **out, size_t *count, struct err *e)
{
	VEC(struct store_due) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_DUE, e);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct store_due){
			.id = sql_int(&q, 0), .package = sql_int(&q, 1), .name = sql_text(&q, 2, arena)};
	}
	*count = list.n;
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	vec_finish(&list);
	return sql_end(&q);
}

int store_due_done(struct store *s, int64_t id, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_DUE_DONE, e);
	sql_bind_int(&q, id);
	int code = sql_run(&q);
	if (code == 0) {
		sql_start(&q, store_sql(s), SQL_DEPENDENCY_DONE, e);
		sql_bind_int(&q, id);
		code = sql_run(&q);
	}
	return code;
}

int store_judged_pack(struct store *s, int64_t package, struct arena *arena, struct str *pack,
	int64_t *known, struct err *e)
{
	struct sql_query q;
	*pack = (struct str){0};
	*known = 0;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_JUDGED, e);
	sql_bind_int(&q, package);
	if (sql_row(&q)) {
		*pack = keep(arena, sql_blob(&q, 0));
		*known = sql_int(&q, 1);
	}
	return sql_end(&q);
}

int store_judged_pack_put(
	struct store *s, int64_t package, struct str pack, int64_t known, int64_t round, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_JUDGED_PUT, e);
	sql_bind_int(&q, package);
	sql_bind_blob(&q, pack);
	sql_bind_int(&q, known);
	sql_bind_int(&q, round);
	return sql_run(&q);
}

int store_dependency_asked(struct store *s, struct str name, struct arena *arena, int64_t **out,
	size_t *count, struct err *e)
{
	VEC(int64_t) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_ASKED, e);
	sql_bind_str(&q, name);
	while (sql_row(&q)) {
		*vec_add(&list) = sql_int(&q, 0);
	}
	*count = list.n;
	*out = vec_to_arena(&list, arena);
	return sql_end(&q);
}

int store_dependency_mentions(struct store *s, struct str name, struct arena *arena,
	const char ***out, size_t *count, struct err *e)
{
	VEC(const char *) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_MENTIONS, e);
	sql_bind_str(&q, name);
	while (sql_row(&q)) {
		*vec_add(&list) = sql_text(&q, 0, arena);
	}
	*count = list.n;
	*out = vec_to_arena(&list, arena);
	return sql_end(&q);
}

int store_dependency_package(struct store *s, struct str name, struct arena *arena,
	struct store_dependency_package *out, struct err *e)
{
	struct sql_query q;
	*out = (struct store_dependency_package){0};
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_PACKAGE, e);
	sql_bind_str(&q, name);
	if (sql_row(&q)) {
		out->id = sql_int(&q, 0);
		out->absent = sql_int(&q, 1) != 0;
		out->scanned = !sql_is_null(&q, 2);
		out->pack = keep(arena, sql_blob(&q, 3));
	}
	return sql_end(&q);
}

int store_dependency_pack_put(
	struct store *s, int64_t package, struct str pack, int64_t due, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_PACK_PUT, e);
	sql_bind_int(&q, package);
	sql_bind_blob(&q, pack);
	sql_bind_int(&q, due);
	return sql_run(&q);
}

int store_dependency_requires(struct store *s, int64_t package, struct arena *arena,
	struct store_dependency_requires **out, size_t *count, struct err *e)
{
	VEC(struct store_dependency_requires) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_REQUIRES, e);
	sql_bind_int(&q, package);
	while (sql_row(&q)) {
		struct str key = sql_blob(&q, 0);
		struct store_dependency_requires *row = vec_add(&list);
		memcpy(row->key, key.p, key.n < sizeof(row->key) ? key.n : sizeof(row->key));
		row->requires = sql_int(&q, 1);
	}
	*count = list.n;
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	vec_finish(&list);
	return sql_end(&q);
}

int store_dependency_text(
	struct store *s, int64_t requires, struct arena *arena, struct str *text, struct err *e)
{
	struct sql_query q;
	*text = (struct str){0};
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_TEXT, e);
	sql_bind_int(&q, requires);
	if (sql_row(&q)) {
		*text = keep(arena, sql_str(&q, 0));
	}
	return sql_end(&q);
}

int store_dependency_versions(struct store *s, int64_t package, struct arena *arena,
	struct store_dependency_version **out, size_t *count, struct err *e)
{
	VEC(struct store_dependency_version) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_VERSIONS, e);
	sql_bind_int(&q, package);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct store_dependency_version){
			.targets = keep(arena, sql_str(&q, 0)), .version = keep(arena, sql_str(&q, 1))};
	}
	*count = list.n;
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	vec_finish(&list);
	return sql_end(&q);
}

int store_dependency_sdists(struct store *s, struct arena *arena,
	struct store_dependency_sdist **out, size_t *count, struct err *e)
{
	VEC(struct store_dependency_sdist) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_SDISTS, e);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct store_dependency_sdist){
			.name = sql_text(&q, 0, arena), .version = sql_text(&q, 1, arena)};
	}
	*count = list.n;
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	vec_finish(&list);
	return sql_end(&q);
}

int store_needed_by(struct store *s, struct str node, struct arena *arena,
	struct store_needed_by **out, size_t *count, struct err *e)
{
	VEC(struct store_needed_by) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_NEEDED_BY, e);
	sql_bind_str(&q, node);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct store_needed_by){.name = sql_text(&q, 0, arena),
			.extra = sql_text(&q, 1, arena),
			.package = sql_int(&q, 2)};
	}
	*count = list.n;
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	vec_finish(&list);
	return sql_end(&q);
}

int store_needs_replace(
	struct store *s, int64_t package, const struct store_need *needs, size_t count, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_NEEDS_FORGET, e);
	sql_bind_int(&q, package);
	int code = sql_run(&q);
	for (size_t i = 0; code == 0 && i < count; i++) {
		sql_start(&q, store_sql(s), SQL_DEPENDENCY_NEED_ADD, e);
		sql_bind_int(&q, package);
		sql_bind_text(&q, needs[i].extra);
		sql_bind_text(&q, needs[i].node);
		code = sql_run(&q);
	}
	return code;
}

int store_blocker_list(struct store *s, int64_t package, struct arena *arena,
	struct store_blocker **out, size_t *count, struct err *e)
{
	VEC(struct store_blocker) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_BLOCKERS, e);
	sql_bind_int(&q, package);
	while (sql_row(&q)) {
		struct str words = sql_str(&q, 5);
		struct store_blocker *b = vec_add(&list);
		*b = (struct store_blocker){.targets = keep(arena, sql_str(&q, 0)),
			.root = sql_text(&q, 1, arena),
			.version = sql_text(&q, 2, arena),
			.reason = sql_text(&q, 3, arena),
			.path = sql_text(&q, 4, arena)};
		if (words.n != 0) {
			memcpy(b->words, words.p, words.n < sizeof(b->words) ? words.n : sizeof(b->words));
		}
	}
	*count = list.n;
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	vec_finish(&list);
	return sql_end(&q);
}

static int put_blockers(struct store *s, int64_t package, const struct store_blocker *blockers,
	size_t count, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_BLOCKERS_FORGET, e);
	sql_bind_int(&q, package);
	int code = sql_run(&q);
	for (size_t i = 0; code == 0 && i < count; i++) {
		sql_start(&q, store_sql(s), SQL_DEPENDENCY_BLOCKER_ADD, e);
		sql_bind_int(&q, package);
		sql_bind_int(&q, (int64_t)i);
		sql_bind_str(&q, blockers[i].targets);
		sql_bind_text(&q, blockers[i].root);
		sql_bind_text(&q, blockers[i].version);
		sql_bind_text(&q, blockers[i].reason);
		sql_bind_text(&q, blockers[i].path);
		code = sql_run(&q);
	}
	return code;
}

int store_dependency_put(struct store *s, int64_t package, struct str letters,
	const struct store_blocker *blockers, size_t count, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_LETTERS_PUT, e);
	sql_bind_int(&q, package);
	sql_bind_str(&q, letters);
	int code = sql_run(&q);
	return code == 0 ? put_blockers(s, package, blockers, count, e) : code;
}

int store_dependency_letters(
	struct store *s, struct str name, struct arena *arena, struct str *letters, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_LETTERS, e);
	sql_bind_str(&q, name);
	*letters = sql_row(&q) ? keep(arena, sql_str(&q, 0)) : (struct str){0};
	return sql_end(&q);
}

int store_waiting_get(struct store *s, struct str root, struct store_waiting *out, struct err *e)
{
	struct sql_query q;
	int64_t counted[STORE_TARGETS] = {
		0}; /* the package that was counted last, of several rows one */
	*out = (struct store_waiting){0};
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_WAITING, e);
	sql_bind_str(&q, root);
	while (sql_row(&q)) {
		struct str targets = sql_str(&q, 1);
		int64_t package = sql_int(&q, 0), downloads = sql_int(&q, 2);
		for (size_t i = 0; i < targets.n && i < STORE_TARGETS; i++) {
			if (targets.p[i] == '1' && counted[i] != package) {
				counted[i] = package;
				out->v[i].packages += 1;
				out->v[i].downloads += downloads;
			}
		}
	}
	return sql_end(&q);
}
