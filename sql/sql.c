#include "sql/sql.h"

#include "sql/text.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUSY_MS = 10000, MAP_BYTES = 256 << 20 };

struct sql_query {
	struct sql_db *db;
	sqlite3_stmt *statement;
	enum sql_block block;
	int code; /* SQLite's, of the first thing that failed */
	bool in_use;
};

struct sql_db {
	sqlite3 *handle;
	char *path;
	struct sql_query queries[SQL_BLOCK_COUNT];
};

static int fail(struct sql_db *db, const char *what, struct err *e)
{
	return err_set(e, ERR_DATABASE, "%s: %s: %s", db->path, what, sqlite3_errmsg(db->handle));
}

int sql_run(struct sql_db *db, const char *statement, struct err *e)
{
	if (sqlite3_exec(db->handle, statement, NULL, NULL, NULL) != SQLITE_OK) {
		return fail(db, statement, e);
	}
	return 0;
}

static int read_version(struct sql_db *db, int *version, struct err *e)
{
	sqlite3_stmt *statement = NULL;
	int code = 0;
	if (sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK ||
		sqlite3_step(statement) != SQLITE_ROW) {
		code = fail(db, "reading the schema's version", e);
	} else {
		*version = sqlite3_column_int(statement, 0);
	}
	sqlite3_finalize(statement);
	return code;
}

/* One transaction a step, with the version in it: a process that dies leaves a whole step or none. */
static int migrate(struct sql_db *db, enum sql_mode mode, struct err *e)
{
	int ours = 0;
	while (sql_migrations[ours] != NULL) {
		ours++;
	}
	int version = 0;
	int code = read_version(db, &version, e);
	if (code < 0) {
		return code;
	}
	if (version > ours) {
		return err_set(e, ERR_DATABASE,
			"%s: its schema is version %d, this wheelfarm knows %d: use the newer program", db->path,
			version, ours);
	}
	if (mode == SQL_READ) {
		return version == ours ? 0
							   : err_set(e, ERR_DATABASE,
									 "%s: its schema is version %d, not %d: run a scan first",
									 db->path, version, ours);
	}
	while (version < ours) {
		char stamp[64];
		snprintf(stamp, sizeof(stamp), "PRAGMA user_version = %d; COMMIT", version + 1);
		if ((code = sql_run(db, "BEGIN IMMEDIATE", e)) < 0) {
			return code;
		}
		/* Another process may have been faster. */
		int now = 0;
		if ((code = read_version(db, &now, e)) < 0 || now != version) {
			sql_run(db, "ROLLBACK", NULL);
			if (code < 0) {
				return code;
			}
			version = now;
			continue;
		}
		if (sqlite3_exec(db->handle, sql_migrations[version], NULL, NULL, NULL) != SQLITE_OK) {
			code = fail(db, "migration", e);
			sql_run(db, "ROLLBACK", NULL);
			return code;
		}
		if ((code = sql_run(db, stamp, e)) < 0) {
			return code;
		}
		version++;
	}
	return 0;
}

static int prepare_all(struct sql_db *db, enum sql_mode mode, struct err *e)
{
	for (int i = 0; i < SQL_BLOCK_COUNT; i++) {
		struct sql_query *q = &db->queries[i];
		*q = (struct sql_query){.db = db, .block = (enum sql_block)i};
		if (mode == SQL_READ && !sql_texts[i].read) {
			continue;
		}
		if (sqlite3_prepare_v3(db->handle, sql_texts[i].text, -1, SQLITE_PREPARE_PERSISTENT,
				&q->statement, NULL) != SQLITE_OK) {
			return fail(db, sql_texts[i].name, e);
		}
	}
	return 0;
}

int sql_open(const char *path, enum sql_mode mode, struct sql_db **out, struct err *e)
{
	struct sql_db *db = MEM_NEW(struct sql_db);
	db->path = mem_copy(path, str_from(path).n);
	*out = NULL;
	int flags = mode == SQL_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
	int code = 0;
	if (sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		code = fail(db, "opening", e);
		goto out;
	}
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	char pragmas[256];
	snprintf(pragmas, sizeof(pragmas),
		"PRAGMA foreign_keys = ON; PRAGMA mmap_size = %d; PRAGMA trusted_schema = OFF; %s", MAP_BYTES,
		mode == SQL_WRITE ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
						  : "PRAGMA query_only = ON");
	if ((code = sql_run(db, pragmas, e)) < 0 || (code = migrate(db, mode, e)) < 0 ||
		(code = prepare_all(db, mode, e)) < 0) {
		goto out;
	}
	*out = db;
	db = NULL;
out:
	sql_close(db);
	return code;
}

void sql_close(struct sql_db *db)
{
	if (db == NULL) {
		return;
	}
	for (int i = 0; i < SQL_BLOCK_COUNT; i++) {
		sqlite3_finalize(db->queries[i].statement);
	}
	sqlite3_close(db->handle);
	free(db->path);
	free(db);
}

int64_t sql_last_id(struct sql_db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int64_t sql_changes(struct sql_db *db)
{
	return sqlite3_changes64(db->handle);
}

int sql_backup(struct sql_db *db, const char *path, struct err *e)
{
	sqlite3_stmt *statement = NULL;
	int code = 0;
	if (sqlite3_prepare_v2(db->handle, "VACUUM INTO ?1", -1, &statement, NULL) != SQLITE_OK ||
		sqlite3_bind_text(statement, 1, path, -1, SQLITE_TRANSIENT) != SQLITE_OK ||
		sqlite3_step(statement) != SQLITE_DONE) {
		code = fail(db, "backup", e);
	}
	sqlite3_finalize(statement);
	return code;
}

struct sql_query *sql_start(struct sql_db *db, enum sql_block block)
{
	struct sql_query *q = &db->queries[block];
	if (q->in_use) {
		mem_bug("the query %s is in use already", sql_texts[block].name);
	}
	if (q->statement == NULL) {
		mem_bug("the query %s is not for readers", sql_texts[block].name);
	}
	q->in_use = true;
	q->code = SQLITE_OK;
	return q;
}

static void keep(struct sql_query *q, int code)
{
	if (q->code == SQLITE_OK) {
		q->code = code;
	}
}

void sql_bind_str(struct sql_query *q, int index, struct str text)
{
	keep(q, sqlite3_bind_text64(q->statement, index, text.n != 0 ? text.p : "", text.n,
			 SQLITE_TRANSIENT, SQLITE_UTF8));
}

void sql_bind_text(struct sql_query *q, int index, const char *text)
{
	if (text == NULL) {
		sql_bind_null(q, index);
	} else {
		sql_bind_str(q, index, str_from(text));
	}
}

void sql_bind_int(struct sql_query *q, int index, int64_t value)
{
	keep(q, sqlite3_bind_int64(q->statement, index, value));
}

void sql_bind_real(struct sql_query *q, int index, double value)
{
	keep(q, sqlite3_bind_double(q->statement, index, value));
}

void sql_bind_null(struct sql_query *q, int index)
{
	keep(q, sqlite3_bind_null(q->statement, index));
}

bool sql_next(struct sql_query *q)
{
	if (q->code != SQLITE_OK) {
		return false;
	}
	int code = sqlite3_step(q->statement);
	if (code == SQLITE_ROW) {
		return true;
	}
	if (code != SQLITE_DONE) {
		keep(q, sqlite3_extended_errcode(q->db->handle));
	}
	return false;
}

int64_t sql_int(struct sql_query *q, int column)
{
	return sqlite3_column_int64(q->statement, column);
}

double sql_real(struct sql_query *q, int column)
{
	return sqlite3_column_double(q->statement, column);
}

bool sql_is_null(struct sql_query *q, int column)
{
	return sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}

struct str sql_str(struct sql_query *q, int column)
{
	const unsigned char *text = sqlite3_column_text(q->statement, column);
	size_t n = (size_t)sqlite3_column_bytes(q->statement, column);
	return (struct str){.p = (const char *)text, .n = text != NULL ? n : 0};
}

const char *sql_copy(struct sql_query *q, int column, struct arena *arena)
{
	if (sql_is_null(q, column)) {
		return NULL;
	}
	struct str s = sql_str(q, column);
	return arena_copy(arena, s.p, s.n);
}

int sql_end(struct sql_query *q, struct err *e)
{
	int code = 0;
	if (q->code != SQLITE_OK) {
		bool constraint = (q->code & 0xff) == SQLITE_CONSTRAINT;
		code = err_set(e, constraint ? ERR_CONFLICT : ERR_DATABASE, "%s: query %s: %s", q->db->path,
			sql_texts[q->block].name, sqlite3_errmsg(q->db->handle));
	}
	sqlite3_reset(q->statement);
	sqlite3_clear_bindings(q->statement);
	q->in_use = false;
	return code;
}

int sql_do(struct sql_query *q, struct err *e)
{
	while (sql_next(q)) {
	}
	return sql_end(q, e);
}
