/* Moves the write-ahead log into the database beside the connection that writes, on a thread and a
 * connection of its own: the writer's commits do not wait for it. SQLite starts the log anew only
 * when nothing of it is left to move, and a busy writer always leaves something; so after each round
 * of the thread the writer moves the little rest itself (sql_checkpoint_step). */
#pragma once

#include "sql/db.h"

struct sql_checkpoint;

/* `db` is the writer's; from now on it moves nothing at commit. ERR_DATABASE. */
int sql_checkpoint_start(struct sql_db *db, struct sql_checkpoint **out, struct err *e);
/* On the writer's thread, between transactions. */
void sql_checkpoint_step(struct sql_checkpoint *c);
/* Ends the thread; before sql_close. NULL is fine. */
void sql_checkpoint_stop(struct sql_checkpoint *c);
