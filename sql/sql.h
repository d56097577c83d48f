/* SQLite behind named blocks: every statement is prepared when the database is opened, so a typo
 * fails at start and not at night. One connection belongs to one thread at a time.
 *
 * A use of a block reads
 *
 *     struct sql_query *q = sql_start(db, SQL_JOB_ADD);
 *     sql_bind_text(q, 1, "…");
 *     while (sql_next(q)) { … sql_int(q, 0) … }
 *     return sql_end(q, e);
 *
 * Errors stick in the query and come out of sql_end, with the block's name. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"
#include "sql/sql_blocks.h"

struct sql_db;
struct sql_query;

enum sql_mode {
	SQL_WRITE, /* created and migrated if need be; WAL, synchronous=FULL */
	SQL_READ,  /* must exist with exactly our schema; query_only */
};

/* ERR_DATABASE with a sentence: not a database, a newer schema than ours, a disk that fails. */
int sql_open(const char *path, enum sql_mode mode, struct sql_db **out, struct err *e);
void sql_close(struct sql_db *db); /* NULL is fine */

/* A statement that is not a block and gives no rows: "BEGIN", "SAVEPOINT x". */
int sql_run(struct sql_db *db, const char *statement, struct err *e);
int64_t sql_last_id(struct sql_db *db);
int64_t sql_changes(struct sql_db *db); /* rows the last statement touched */
/* A consistent copy into a new file, while others read and write. */
int sql_backup(struct sql_db *db, const char *path, struct err *e);

/* The block must not be in use; nesting different blocks is fine. */
struct sql_query *sql_start(struct sql_db *db, enum sql_block block);
/* Parameters count from 1. Texts are copied by SQLite. NULL text binds NULL. */
void sql_bind_text(struct sql_query *q, int index, const char *text);
void sql_bind_str(struct sql_query *q, int index, struct str text);
void sql_bind_int(struct sql_query *q, int index, int64_t value);
void sql_bind_real(struct sql_query *q, int index, double value);
void sql_bind_null(struct sql_query *q, int index);
/* True: a row is there. False: no more, or an error that sql_end tells. */
bool sql_next(struct sql_query *q);
/* Columns count from 0; views live until the next sql_next or sql_end. */
int64_t sql_int(struct sql_query *q, int column);
double sql_real(struct sql_query *q, int column);
bool sql_is_null(struct sql_query *q, int column);
struct str sql_str(struct sql_query *q, int column);
/* A copy in the arena, NULL for NULL. */
const char *sql_copy(struct sql_query *q, int column, struct arena *arena);
/* Ends the use; 0, ERR_CONFLICT for a broken constraint, or ERR_DATABASE. */
int sql_end(struct sql_query *q, struct err *e);
/* For a statement without rows: steps once and ends. */
int sql_do(struct sql_query *q, struct err *e);
