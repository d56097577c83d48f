#include "coordinator/store/store.h"

#include "coordinator/store/names.h"
#include "coordinator/store/store_parts.h"
#include "sql/db.h"

#include <stdlib.h>
#include <sys/stat.h>

struct store {
	struct sql_db *db;
	char *default_python;
	bool reads; /* and never writes */
	struct target_cache targets;
	struct store_names names;
};

int store_open(const char *path, enum store_mode mode, struct store **out, struct err *e)
{
	*out = NULL;
	struct sql_db *db = NULL;
	int code = sql_open(path, mode == STORE_READ ? SQL_READ : SQL_WRITE, &db, e);
	if (code != 0) {
		return code;
	}
	struct store *s = MEM_NEW(struct store);
	s->db = db;
	s->reads = mode == STORE_READ;
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (s == NULL) {
		return;
	}
	sql_close(s->db);
	target_cache_finish(&s->targets);
	store_names_finish(&s->names);
	free(s->default_python);
	free(s);
}

int store_begin(struct store *s, struct err *e)
{
	return sql_begin(s->db, e);
}

int store_commit(struct store *s, struct err *e)
{
	return sql_commit(s->db, e);
}

void store_rollback(struct store *s)
{
	sql_rollback(s->db);
}

void store_set_default_python(struct store *s, const char *python)
{
	free(s->default_python);
	s->default_python = python != NULL ? str_dup(str_from(python)) : NULL;
}

const char *store_default_python(const struct store *s)
{
	return s->default_python;
}

struct sql_db *store_sql(struct store *s)
{
	return s->db;
}

struct target_cache *store_target_cache(struct store *s)
{
	return &s->targets;
}

struct store_names *store_names_of(struct store *s)
{
	return &s->names;
}

int store_data_version(struct store *s, int64_t *out, struct err *e)
{
	struct sql_query q;
	*out = 0;
	if (!s->reads) {
		return 0;
	}
	sql_start(&q, s->db, SQL_DATA_VERSION, e);
	*out = sql_row(&q) ? sql_int(&q, 0) : 0;
	return sql_end(&q);
}

void *store_list_copy(struct arena *arena, const void *items, size_t count, size_t size)
{
	void *copy = arena_new(arena, count != 0 ? count * size : 1);
	if (count != 0) {
		memcpy(copy, items, count * size);
	}
	return copy;
}

int store_end_named(
	struct sql_query *q, bool found, const char *kind, struct str name, struct err *e)
{
	int code = sql_end(q);
	return code != 0 || found
		? code
		: err_set(e, ERR_NOT_FOUND, "%.*s: the database has no such %s", STR_ARG(name), kind);
}

int store_end_numbered(
	struct sql_query *q, bool found, const char *kind, int64_t number, struct err *e)
{
	int code = sql_end(q);
	return code != 0 || found
		? code
		: err_set(e, ERR_NOT_FOUND, "%s %lld: the database has none", kind, (long long)number);
}

int store_backup(struct store *s, const char *path, struct err *e)
{
	return sql_backup(s->db, path, e);
}

int64_t store_file_bytes(const char *path)
{
	struct stat file, log;
	char *log_path = str_format("%s-wal", path);
	int64_t n = stat(path, &file) == 0 ? (int64_t)file.st_size : -1;
	if (n >= 0 && stat(log_path, &log) == 0) {
		n += (int64_t)log.st_size;
	}
	free(log_path);
	return n;
}
