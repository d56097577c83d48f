#include "coordinator/store/package.h"

#include "core/base/vec.h"

static void bind_if(struct sql_query *q, int index, bool known, int64_t value)
{
	if (known) {
		sql_bind_int(q, index, value);
	} else {
		sql_bind_null(q, index);
	}
}

int package_ensure(struct store *s, const char *name, int64_t rank, int64_t downloads, int64_t *id,
	struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_PACKAGE_ENSURE);
	sql_bind_text(q, 1, name);
	bind_if(q, 2, rank != 0, rank);
	bind_if(q, 3, downloads >= 0, downloads);
	if (sql_next(q)) {
		*id = sql_int(q, 0);
	}
	while (sql_next(q)) {
	}
	return sql_end(q, e);
}

int package_find(struct store *s, struct str name, struct arena *arena,
	struct package_record *out, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_PACKAGE_FIND);
	sql_bind_str(q, 1, name);
	bool found = sql_next(q);
	if (found) {
		*out = (struct package_record){
			.id = sql_int(q, 0),
			.name = sql_copy(q, 1, arena),
			.display = sql_copy(q, 2, arena),
			.rank = sql_int(q, 3),
			.downloads = sql_is_null(q, 4) ? -1 : sql_int(q, 4),
			.status = sql_copy(q, 5, arena),
			.newest = sql_copy(q, 6, arena),
			.newest_date = sql_int(q, 7),
			.scanned = sql_int(q, 8),
			.etag = sql_copy(q, 9, arena),
			.serial = sql_int(q, 10),
			.absent = sql_int(q, 11) != 0,
			.problem = sql_copy(q, 12, arena),
		};
	}
	int code = sql_end(q, e);
	if (code == 0 && !found) {
		code = err_set(e, ERR_NOT_FOUND, "%.*s: not in the database", STR_ARG(name));
	}
	return code;
}

static int add_file(struct store *s, int64_t package, const struct file_record *f, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_FILE_ADD);
	sql_bind_int(q, 1, package);
	sql_bind_text(q, 2, f->filename);
	sql_bind_text(q, 3, f->version);
	sql_bind_text(q, 4, f->kind);
	sql_bind_text(q, 5, f->url);
	sql_bind_text(q, 6, f->sha256);
	bind_if(q, 7, f->size >= 0, f->size);
	sql_bind_text(q, 8, f->requires_python);
	sql_bind_int(q, 9, f->yanked);
	bind_if(q, 10, f->uploaded != 0, f->uploaded);
	sql_bind_text(q, 11, f->metadata_sha256);
	return sql_do(q, e);
}

int package_save_page(struct store *s, const struct package_record *p,
	const struct file_record *files, size_t n, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_PACKAGE_SAVE_PAGE);
	sql_bind_int(q, 1, p->id);
	sql_bind_text(q, 2, p->display);
	sql_bind_text(q, 3, p->status);
	sql_bind_text(q, 4, p->newest);
	bind_if(q, 5, p->newest_date != 0, p->newest_date);
	sql_bind_int(q, 6, p->scanned);
	sql_bind_text(q, 7, p->etag);
	bind_if(q, 8, p->serial != 0, p->serial);
	int code = sql_do(q, e);
	if (code < 0) {
		return code;
	}
	q = sql_start(store_sql(s), SQL_FILE_DELETE_ALL);
	sql_bind_int(q, 1, p->id);
	if ((code = sql_do(q, e)) < 0) {
		return code;
	}
	for (size_t i = 0; i < n; i++) {
		if ((code = add_file(s, p->id, &files[i], e)) < 0) {
			return code;
		}
	}
	return 0;
}

static int save_scanned(
	struct store *s, enum sql_block block, int64_t id, int64_t scanned, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), block);
	sql_bind_int(q, 1, id);
	sql_bind_int(q, 2, scanned);
	return sql_do(q, e);
}

int package_save_unchanged(struct store *s, int64_t id, int64_t scanned, struct err *e)
{
	return save_scanned(s, SQL_PACKAGE_SAVE_UNCHANGED, id, scanned, e);
}

int package_save_absent(struct store *s, int64_t id, int64_t scanned, struct err *e)
{
	return save_scanned(s, SQL_PACKAGE_SAVE_ABSENT, id, scanned, e);
}

int package_save_problem(struct store *s, int64_t id, const char *problem, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_PACKAGE_SAVE_PROBLEM);
	sql_bind_int(q, 1, id);
	sql_bind_text(q, 2, problem);
	return sql_do(q, e);
}

int package_files(struct store *s, int64_t id, struct arena *arena, struct file_records *out,
	struct err *e)
{
	VEC(struct file_record) files = {0};
	struct sql_query *q = sql_start(store_sql(s), SQL_FILE_LIST);
	sql_bind_int(q, 1, id);
	while (sql_next(q)) {
		*vec_add(&files) = (struct file_record){
			.filename = sql_copy(q, 0, arena),
			.version = sql_copy(q, 1, arena),
			.kind = sql_copy(q, 2, arena),
			.url = sql_copy(q, 3, arena),
			.sha256 = sql_copy(q, 4, arena),
			.size = sql_is_null(q, 5) ? -1 : sql_int(q, 5),
			.requires_python = sql_copy(q, 6, arena),
			.yanked = sql_int(q, 7) != 0,
			.uploaded = sql_int(q, 8),
			.metadata_sha256 = sql_copy(q, 9, arena),
		};
	}
	int code = sql_end(q, e);
	out->n = files.n;
	out->v = vec_to_arena(&files, arena);
	return code;
}
