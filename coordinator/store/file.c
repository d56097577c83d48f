#include "coordinator/store/file.h"

#include "coordinator/store/file_pack.h"
#include "core/base/vec.h"
#include "sql/db.h"

int store_package_files(struct store *s, int64_t package, struct arena *arena,
	struct store_file **out, size_t *count, struct err *e)
{
	struct sql_query q;
	int code = 0;
	*out = arena_new(arena, sizeof(**out));
	*count = 0;
	sql_start(&q, store_sql(s), SQL_FILE_PACK_GET, e);
	sql_bind_int(&q, package);
	if (sql_row(&q)) {
		code = file_pack_read(sql_blob(&q, 0), FILE_PACK_WHOLE, arena, out, count, e);
	}
	int ended = sql_end(&q);
	return code != 0 ? code : ended;
}

int store_package_pack(struct store *s, int64_t package,
	int (*with)(void *user, struct str pack, struct err *e), void *user, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_FILE_PACK_GET, e);
	sql_bind_int(&q, package);
	bool found = sql_row(&q);
	int code = found ? with(user, sql_blob(&q, 0), e) : 0;
	int ended = sql_end(&q);
	if (!found && ended == 0) {
		code = with(user, (struct str){0}, e);
	}
	return code != 0 ? code : ended;
}

int store_has_built(struct store *s, bool *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_FILE_HAS_BUILT, e);
	*out = sql_row(&q);
	return sql_end(&q);
}

int store_built_files(struct store *s, struct str package, struct arena *arena,
	struct store_file **out, size_t *count, struct err *e)
{
	VEC(struct store_file) files = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_FILE_BUILT, e);
	sql_bind_str(&q, package);
	while (sql_row(&q)) {
		*vec_add(&files) = (struct store_file){.filename = str_from(sql_text(&q, 0, arena)),
			.version = str_from(sql_text(&q, 1, arena)),
			.sha256 = str_from(sql_text(&q, 2, arena)),
			.kind = "wheel",
			.size = sql_int(&q, 3)};
	}
	*count = files.n;
	*out = vec_to_arena(&files, arena);
	return sql_end(&q);
}

int store_built_on_page(struct store *s, struct str package, const struct store_file *page,
	size_t page_count, struct arena *arena, struct store_file **out, size_t *count, struct err *e)
{
	struct store_file *all;
	size_t n = 0;
	*count = 0;
	int code = store_built_files(s, package, arena, &all, &n, e);
	for (size_t i = 0; code == 0 && i < n; i++) {
		size_t k = 0;
		while (k < page_count && !str_equal(page[k].version, all[i].version)) {
			k++;
		}
		if (k < page_count) {
			struct str python = page[k].requires_python;
			all[i].requires_python = (struct str){arena_copy(arena, python.p, python.n), python.n};
			all[(*count)++] = all[i];
		}
	}
	*out = code == 0 ? all : NULL;
	return code;
}

int store_files_replace(
	struct store *s, int64_t package, struct str pack, size_t count, struct err *e)
{
	struct sql_query q;
	if (count == 0) {
		sql_start(&q, store_sql(s), SQL_FILE_PACK_DELETE, e);
		sql_bind_int(&q, package);
		return sql_run(&q);
	}
	sql_start(&q, store_sql(s), SQL_FILE_PACK_PUT, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, (int64_t)count);
	sql_bind_blob(&q, pack);
	return sql_run(&q);
}
