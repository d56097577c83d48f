#include "sql/db.h"

#include "sql/db_parts.h"
#include "sql/embedded.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	BUSY_MS = 10000,
	MMAP_BYTES = 1 << 30,
	/* Of a new file: most of it are packs of files, of which a page of 4 KiB costs the writer a fourth
	 * more time. */
	PAGE_BYTES = 8192,
	/* A cache of 16 MiB for the writer, as most pages are written once; readers map the file. */
	CACHE_KIB = 16 * 1024,
};

struct sql_db {
	sqlite3 *handle;
	char *path;
	enum sql_mode mode;
	int log_pages;
	bool sync; /* each commit */
	sqlite3_stmt *blocks[SQL_BLOCK_COUNT];
};

static int fail(struct sql_db *db, const char *what, struct err *e)
{
	return err_set(e, ERR_DATABASE, "%s: %s: %s", db->path, what, sqlite3_errmsg(db->handle));
}

static int execute(struct sql_db *db, const char *text, const char *what, struct err *e)
{
	if (sqlite3_exec(db->handle, text, NULL, NULL, NULL) != SQLITE_OK) {
		return fail(db, what, e);
	}
	return 0;
}

static int schema_version(struct sql_db *db, int *version, struct err *e)
{
	sqlite3_stmt *statement = NULL;
	int code = 0;
	if (sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK ||
		sqlite3_step(statement) != SQLITE_ROW) {
		code = fail(db, "cannot be read", e);
	} else {
		*version = sqlite3_column_int(statement, 0);
	}
	sqlite3_finalize(statement);
	return code;
}

static int migrate_one(struct sql_db *db, int from, struct err *e)
{
	char what[64];
	char set_version[64];
	snprintf(what, sizeof(what), "migration %d", from + 1);
	snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d", from + 1);
	int code = execute(db, sql_migrations[from], what, e);
	return code == 0 ? execute(db, set_version, what, e) : code;
}

/* All in one transaction: each would wait for the disk. Who waited for another that did the same finds
 * nothing left to do. */
static int migrate(struct sql_db *db, struct err *e)
{
	int version = 0;
	int code = sql_begin(db, e);
	if (code == 0) {
		code = schema_version(db, &version, e);
	}
	for (; code == 0 && version < sql_migration_count; version++) {
		code = migrate_one(db, version, e);
	}
	if (code != 0) {
		sql_rollback(db);
		return code;
	}
	return sql_commit(db, e);
}

/* Before anything is set that would change the file. */
static int refuse_newer(struct sql_db *db, struct err *e)
{
	int version = 0;
	int code = schema_version(db, &version, e);
	if (code == 0 && version > sql_migration_count) {
		code = err_set(e, ERR_UNSUPPORTED,
			"%s: made by a newer wheelfarm (schema %d, this program knows %d)", db->path, version,
			sql_migration_count);
	}
	return code;
}

static int bring_up(struct sql_db *db, struct err *e)
{
	int version = 0;
	int code = schema_version(db, &version, e);
	if (code != 0) {
		return code;
	}
	if (version < sql_migration_count && db->mode == SQL_READ) {
		return err_set(e, ERR_UNSUPPORTED,
			"%s: made by an older wheelfarm (schema %d, this program reads %d); a command that "
			"writes, such as `wheelfarm scan`, brings it up",
			db->path, version, sql_migration_count);
	}
	return version < sql_migration_count ? migrate(db, e) : 0;
}

int sql_sync_commits(struct sql_db *db, bool sync, struct err *e)
{
	int code = 0;
	if (sync != db->sync) {
		code = execute(db, sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
			"synchronous", e);
		db->sync = code == 0 ? sync : db->sync;
	}
	return code;
}

static int set_up(struct sql_db *db, struct err *e)
{
	char text[256];
	int code = 0;
	if (db->mode == SQL_WRITE) {
		snprintf(text, sizeof(text), "PRAGMA page_size = %d", PAGE_BYTES);
		code = execute(db, text, "page size", e);
		if (code == 0) {
			code = execute(db, "PRAGMA journal_mode = WAL", "write-ahead log", e);
		}
		if (code == 0) {
			code = sql_sync_commits(db, true, e);
		}
		snprintf(text, sizeof(text), "PRAGMA cache_size = -%d", CACHE_KIB);
	} else {
		snprintf(text, sizeof(text), "PRAGMA mmap_size = %d", MMAP_BYTES);
	}
	return code == 0 ? execute(db, text, "cache", e) : code;
}

static int prepare(struct sql_db *db, int block, struct err *e)
{
	const char *rest = NULL;
	if (sqlite3_prepare_v3(db->handle, sql_blocks[block].text, -1, SQLITE_PREPARE_PERSISTENT,
			&db->blocks[block], &rest) != SQLITE_OK) {
		return fail(db, sql_blocks[block].name, e);
	}
	if (!str_is(str_trim(str_from(rest)), "")) {
		mem_bug("sql block %s has more than one statement", sql_blocks[block].name);
	}
	return 0;
}

/* Nobody asks how much memory SQLite uses, and counting it takes a lock at each allocation. */
static void configure(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int sql_open(const char *path, enum sql_mode mode, struct sql_db **out, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, configure);
	*out = NULL;
	if (mode == SQL_READ && access(path, F_OK) != 0) {
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : -errno, "%s: %s", path,
			errno == ENOENT ? "no such database; `wheelfarm scan` makes one" : err_text(-errno));
	}
	struct sql_db *db = MEM_NEW(struct sql_db);
	db->path = str_dup(str_from(path));
	db->mode = mode;
	int flags = SQLITE_OPEN_NOMUTEX |
		(mode == SQL_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	int code = 0;
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
		code = fail(db, "cannot be opened", e);
	}
	if (code == 0) {
		sqlite3_busy_timeout(db->handle, BUSY_MS);
		code = refuse_newer(db, e);
	}
	if (code == 0) {
		code = set_up(db, e);
	}
	if (code == 0) {
		code = bring_up(db, e); /* with foreign keys off: a migration may rebuild a table */
	}
	if (code == 0) {
		code = execute(db, "PRAGMA foreign_keys = ON", "foreign keys", e);
	}
	if (code != 0) {
		sql_close(db);
		return code;
	}
	*out = db;
	return 0;
}

int sql_backup(struct sql_db *db, const char *path, struct err *e)
{
	sqlite3_stmt *statement = NULL;
	int code = 0;
	if (access(path, F_OK) == 0) {
		return err_set(e, ERR_CONFLICT, "%s is there already", path);
	}
	if (sqlite3_prepare_v2(db->handle, "VACUUM INTO ?", -1, &statement, NULL) != SQLITE_OK ||
		sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC) != SQLITE_OK ||
		sqlite3_step(statement) != SQLITE_DONE) {
		code = fail(db, "backup", e);
	}
	sqlite3_finalize(statement);
	if (code != 0) {
		unlink(path);
	}
	return code;
}

void sql_close(struct sql_db *db)
{
	if (db == NULL) {
		return;
	}
	for (int i = 0; i < SQL_BLOCK_COUNT; i++) {
		sqlite3_finalize(db->blocks[i]);
	}
	sqlite3_close(db->handle);
	free(db->path);
	free(db);
}

struct sqlite3 *sql_handle(struct sql_db *db)
{
	return db->handle;
}

static int on_commit(void *user, sqlite3 *handle, const char *name, int pages)
{
	((struct sql_db *)user)->log_pages = pages;
	return SQLITE_OK;
}

void sql_count_log(struct sql_db *db)
{
	sqlite3_wal_hook(db->handle, on_commit, db);
}

int sql_log_pages(const struct sql_db *db)
{
	return db->log_pages;
}

const char *sql_path(const struct sql_db *db)
{
	return db->path;
}

int64_t sql_last_id(struct sql_db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int64_t sql_changed(struct sql_db *db)
{
	return sqlite3_changes64(db->handle);
}

int64_t sql_changed_ever(struct sql_db *db)
{
	return sqlite3_total_changes64(db->handle);
}

int sql_begin(struct sql_db *db, struct err *e)
{
	return execute(db, db->mode == SQL_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", "begin", e);
}

int sql_commit(struct sql_db *db, struct err *e)
{
	int code = execute(db, "COMMIT", "commit", e);
	if (code != 0) {
		sql_rollback(db);
	}
	return code;
}

void sql_rollback(struct sql_db *db)
{
	/* SQLite ends a transaction itself on some errors (a full disk). */
	if (sqlite3_get_autocommit(db->handle) == 0) {
		(void)execute(db, "ROLLBACK", "rollback", NULL);
	}
}

int sql_savepoint(struct sql_db *db, struct err *e)
{
	return execute(db, "SAVEPOINT one", "savepoint", e);
}

int sql_release(struct sql_db *db, struct err *e)
{
	return execute(db, "RELEASE one", "release", e);
}

void sql_undo(struct sql_db *db)
{
	(void)execute(db, "ROLLBACK TO one", "undo", NULL);
	(void)execute(db, "RELEASE one", "undo", NULL);
}

static sqlite3_stmt *statement_of(struct sql_query *q)
{
	return q->statement;
}

static void stick(struct sql_query *q)
{
	if (q->code == 0) {
		q->code = err_set(q->e, ERR_DATABASE, "%s: %s: %s", q->db->path, sql_blocks[q->block].name,
			sqlite3_errmsg(q->db->handle));
	}
}

void sql_start(struct sql_query *q, struct sql_db *db, enum sql_block block, struct err *e)
{
	*q = (struct sql_query){.db = db, .block = block, .e = e};
	if (db->blocks[block] == NULL) {
		q->code = prepare(db, (int)block, e);
		if (q->code != 0) {
			return; /* sql_end tells */
		}
	}
	sqlite3_stmt *statement = db->blocks[block];
	if (db->mode == SQL_READ && !sqlite3_stmt_readonly(statement)) {
		mem_bug("sql block %s writes, and this connection only reads", sql_blocks[block].name);
	}
	if (sqlite3_stmt_busy(statement)) {
		mem_bug("sql block %s is in use already", sql_blocks[block].name);
	}
	q->statement = statement;
}

static void bound(struct sql_query *q, int result)
{
	if (q->statement == NULL) {
		return; /* it could not be prepared */
	}
	if (result == SQLITE_RANGE || result == SQLITE_MISUSE) {
		mem_bug("sql block %s: binding %d", sql_blocks[q->block].name, q->bound);
	}
	if (result != SQLITE_OK) {
		stick(q);
	}
}

void sql_bind_int(struct sql_query *q, int64_t value)
{
	bound(q, sqlite3_bind_int64(statement_of(q), ++q->bound, value));
}

void sql_bind_int_or_null(struct sql_query *q, int64_t value, int64_t null_value)
{
	if (value == null_value) {
		sql_bind_text(q, NULL);
	} else {
		sql_bind_int(q, value);
	}
}

void sql_bind_double(struct sql_query *q, double value)
{
	bound(q, sqlite3_bind_double(statement_of(q), ++q->bound, value));
}

void sql_bind_str(struct sql_query *q, struct str value)
{
	bound(q,
		sqlite3_bind_text64(statement_of(q), ++q->bound, value.p != NULL ? value.p : "", value.n,
			SQLITE_STATIC, SQLITE_UTF8));
}

void sql_bind_str_or_null(struct sql_query *q, struct str value)
{
	if (value.n == 0) {
		sql_bind_text(q, NULL);
	} else {
		sql_bind_str(q, value);
	}
}

void sql_bind_text(struct sql_query *q, const char *value)
{
	if (value == NULL) {
		bound(q, sqlite3_bind_null(statement_of(q), ++q->bound));
	} else {
		sql_bind_str(q, str_from(value));
	}
}

void sql_bind_blob(struct sql_query *q, struct str bytes)
{
	bound(q,
		sqlite3_bind_blob64(
			statement_of(q), ++q->bound, bytes.p != NULL ? bytes.p : "", bytes.n, SQLITE_STATIC));
}

bool sql_row(struct sql_query *q)
{
	if (q->code != 0) {
		return false;
	}
	if (q->bound != sqlite3_bind_parameter_count(statement_of(q))) {
		mem_bug("sql block %s: %d values bound", sql_blocks[q->block].name, q->bound);
	}
	int result = sqlite3_step(statement_of(q));
	if (result != SQLITE_ROW && result != SQLITE_DONE) {
		stick(q);
	}
	return result == SQLITE_ROW;
}

int64_t sql_int(struct sql_query *q, int column)
{
	return sqlite3_column_int64(statement_of(q), column);
}

int64_t sql_int_or(struct sql_query *q, int column, int64_t if_null)
{
	return sql_is_null(q, column) ? if_null : sql_int(q, column);
}

double sql_double(struct sql_query *q, int column)
{
	return sqlite3_column_double(statement_of(q), column);
}

struct str sql_str(struct sql_query *q, int column)
{
	const char *p = (const char *)sqlite3_column_text(statement_of(q), column);
	return (struct str){p, p != NULL ? (size_t)sqlite3_column_bytes(statement_of(q), column) : 0};
}

struct str sql_blob(struct sql_query *q, int column)
{
	const char *p = sqlite3_column_blob(statement_of(q), column);
	return (struct str){p, p != NULL ? (size_t)sqlite3_column_bytes(statement_of(q), column) : 0};
}

char *sql_text(struct sql_query *q, int column, struct arena *arena)
{
	struct str value = sql_str(q, column);
	return value.p != NULL ? arena_copy(arena, value.p, value.n) : NULL;
}

bool sql_is_null(struct sql_query *q, int column)
{
	return sqlite3_column_type(statement_of(q), column) == SQLITE_NULL;
}

int sql_end(struct sql_query *q)
{
	if (q->statement != NULL) {
		sqlite3_reset(statement_of(q));
		sqlite3_clear_bindings(statement_of(q));
	}
	return q->code;
}

int sql_run(struct sql_query *q)
{
	while (sql_row(q)) {
		/* a writing block may return rows; nobody asked for them */
	}
	return sql_end(q);
}
