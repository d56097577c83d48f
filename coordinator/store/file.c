#include "coordinator/store/file.h"

#include "coordinator/store/store_parts.h"
#include "core/base/map.h"
#include "sql/db.h"

static struct str text_view(struct sql_query *q, int column, struct arena *arena)
{
	struct str value = sql_str(q, column);
	return (struct str){value.p != NULL ? arena_copy(arena, value.p, value.n) : NULL, value.n};
}

int store_package_files(struct store *s, int64_t package, struct arena *arena,
	struct store_file **out, size_t *count, struct err *e)
{
	VEC(struct store_file) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_FILE_LIST, e);
	sql_bind_int(&q, package);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct store_file){
			.filename = text_view(&q, 0, arena),
			.version = text_view(&q, 1, arena),
			.kind = sql_text(&q, 2, arena),
			.url = text_view(&q, 3, arena),
			.sha256 = text_view(&q, 4, arena),
			.size = sql_int_or(&q, 5, -1),
			.requires_python = text_view(&q, 6, arena),
			.yanked = sql_int(&q, 7) != 0,
			.uploaded = sql_int(&q, 8),
			.metadata_sha256 = text_view(&q, 9, arena),
		};
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

static bool same(const struct store_file *a, const struct store_file *b)
{
	return str_equal(a->version, b->version) && str_is(str_from(a->kind), b->kind) &&
		str_equal(a->url, b->url) && str_equal(a->sha256, b->sha256) && a->size == b->size &&
		str_equal(a->requires_python, b->requires_python) && a->yanked == b->yanked &&
		a->uploaded == b->uploaded && str_equal(a->metadata_sha256, b->metadata_sha256);
}

static int put(struct store *s, int64_t package, const struct store_file *f, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_FILE_PUT, e);
	sql_bind_int(&q, package);
	sql_bind_str(&q, f->filename);
	sql_bind_str_or_null(&q, f->version);
	sql_bind_text(&q, f->kind);
	sql_bind_str(&q, f->url);
	sql_bind_str_or_null(&q, f->sha256);
	sql_bind_int_or_null(&q, f->size, -1);
	sql_bind_str_or_null(&q, f->requires_python);
	sql_bind_int(&q, f->yanked);
	sql_bind_int_or_null(&q, f->uploaded, 0);
	sql_bind_str_or_null(&q, f->metadata_sha256);
	return sql_run(&q);
}

static int remove_one(struct store *s, int64_t package, struct str filename, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_FILE_DELETE, e);
	sql_bind_int(&q, package);
	sql_bind_str(&q, filename);
	return sql_run(&q);
}

int store_files_replace(
	struct store *s, int64_t package, const struct store_file *files, size_t count, struct err *e)
{
	struct arena arena = {0};
	struct map kept = {0};
	struct map old_by_name = {0};
	struct store_file *old = NULL;
	size_t old_count = 0;
	int code = store_package_files(s, package, &arena, &old, &old_count, e);
	for (size_t i = 0; i < old_count; i++) {
		map_put(&old_by_name, old[i].filename, &old[i]);
	}
	for (size_t i = 0; code == 0 && i < count; i++) {
		const struct store_file *was = map_get(&old_by_name, files[i].filename);
		if (was == NULL || !same(was, &files[i])) {
			code = put(s, package, &files[i], e);
		}
		if (was != NULL) {
			map_put(&kept, files[i].filename, old);
		}
	}
	for (size_t i = 0; code == 0 && kept.n < old_count && i < old_count; i++) {
		if (!map_has(&kept, old[i].filename)) {
			code = remove_one(s, package, old[i].filename, e);
		}
	}
	map_finish(&old_by_name);
	map_finish(&kept);
	arena_finish(&arena);
	return code;
}
