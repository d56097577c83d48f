/* SQLite with the SQL in files: migrations (sql/migrate), and named blocks (sql/query) that are prepared
 * as they are used. One struct sql_db belongs to one thread at a time. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"
#include "sql/sql_blocks.h"

struct sql_db;

enum sql_mode {
	SQL_READ, /* using a block that writes is a bug of ours */
	SQL_WRITE, /* makes the file, runs the migrations that are due */
};

/* Errors name the file: ERR_NOT_FOUND (SQL_READ and no such file), ERR_UNSUPPORTED (the schema is of
 * a newer program, or too old to read and nobody has written yet), ERR_DATABASE. */
int sql_open(const char *path, enum sql_mode mode, struct sql_db **out, struct err *e);
void sql_close(struct sql_db *db); /* NULL is fine */
const char *sql_path(const struct sql_db *db);

/* A whole copy in the new file `path`, as of one moment, while others write: ERR_CONFLICT if the file
 * is there. Blocking, for as long as the copy takes. */
int sql_backup(struct sql_db *db, const char *path, struct err *e);

/* A block in use. Values are bound in the order of its `?`; the first error sticks and is told by
 * sql_end. Between sql_start and sql_end the same block must not be started again. */
struct sql_query {
	struct sql_db *db;
	enum sql_block block;
	void *statement;
	int bound;
	int code;
	struct err *e;
};
void sql_start(struct sql_query *q, struct sql_db *db, enum sql_block block, struct err *e);
void sql_bind_int(struct sql_query *q, int64_t value);
void sql_bind_int_or_null(struct sql_query *q, int64_t value, int64_t null_value);
void sql_bind_double(struct sql_query *q, double value);
/* Not copied: the bytes must stay until sql_end. Bytes that are not UTF-8 are our bug. */
void sql_bind_str(struct sql_query *q, struct str value);
void sql_bind_str_or_null(struct sql_query *q, struct str value); /* empty is null */
void sql_bind_text(struct sql_query *q, const char *value); /* NULL is null */
void sql_bind_blob(struct sql_query *q, struct str bytes); /* any bytes; not copied, as above */
/* True: there is a row to read. False: no more, or an error. */
bool sql_row(struct sql_query *q);
/* Columns from 0. Null is 0, false, NULL. */
int64_t sql_int(struct sql_query *q, int column);
int64_t sql_int_or(struct sql_query *q, int column, int64_t if_null);
double sql_double(struct sql_query *q, int column);
struct str sql_str(struct sql_query *q, int column); /* valid until the next row */
struct str sql_blob(struct sql_query *q, int column); /* the same */
char *sql_text(struct sql_query *q, int column, struct arena *arena); /* NULL if null */
bool sql_is_null(struct sql_query *q, int column);
/* Ends the use of the block; 0, or ERR_DATABASE with the block's name and SQLite's words. */
int sql_end(struct sql_query *q);
/* For blocks without rows: step and end. */
int sql_run(struct sql_query *q);

int64_t sql_last_id(struct sql_db *db);
int64_t sql_changed(struct sql_db *db); /* rows of the last writing block */
int64_t sql_changed_ever(struct sql_db *db); /* rows since it was opened, undone ones too */

/* Transactions and savepoints (which nest). On a reader sql_begin makes one state of the database
 * visible until sql_commit. */
int sql_begin(struct sql_db *db, struct err *e);
int sql_commit(struct sql_db *db, struct err *e);
void sql_rollback(struct sql_db *db); /* nothing happens outside of a transaction */
int sql_savepoint(struct sql_db *db, struct err *e);
int sql_release(struct sql_db *db, struct err *e);
void sql_undo(struct sql_db *db); /* back to the savepoint, which ends */

/* Between transactions: the commits that follow are on the disk when they return (as from the start), or
 * survive the process but not the machine until a commit of the first kind or the log's own writing. */
int sql_sync_commits(struct sql_db *db, bool sync, struct err *e);
