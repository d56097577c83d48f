/* One connection to the facts database, and the transaction around what is done with it. Not for two
 * threads at once; each thread opens its own. Blocking.
 *
 * The nouns of this folder (package, target, published, standing, job, lease, agent, result) are
 * functions on a store. Those that write say so: they run inside a transaction, either the writer's
 * (writer.h) or one that the caller begins here. */
#pragma once

#include "core/base/str.h"

struct sql_db;
struct store;

enum store_mode {
	STORE_READ, /* the file must be there; many at once, beside one writer */
	STORE_WRITE, /* made if absent, brought to this program's schema; one at a time */
};

/* ERR_NOT_FOUND if there is no such file (STORE_READ), ERR_UNSUPPORTED if the schema is of a newer
 * program, ERR_DATABASE for the rest; each sentence names the file. *out is NULL then. */
int store_open(const char *path, enum store_mode mode, struct store **out, struct err *e);
void store_close(struct store *s); /* NULL is fine; an open transaction is rolled back */

/* One transaction of the caller; not on the writer's store, which is always inside one. */
int store_begin(struct store *s, struct err *e);
int store_commit(struct store *s, struct err *e); /* on an error nothing was kept */
void store_rollback(struct store *s);

/* The database as of one moment, whole, in the new file `path`; others may write meanwhile.
 * ERR_CONFLICT if the file is there. */
int store_backup(struct store *s, const char *path, struct err *e);
/* What the database in the file `path` takes on the disk, with what was written and is not in that file yet; -1: there
 * is none. */
int64_t store_file_bytes(const char *path);

/* The Python whose targets the views take as default, "cp313"; copied; NULL leaves it to the views:
 * the highest that is not free-threaded. */
void store_set_default_python(struct store *s, const char *python);
const char *store_default_python(const struct store *s); /* NULL if never set */

/* For the nouns of this folder. */
struct sql_db *store_sql(struct store *s);
