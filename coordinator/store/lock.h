/* One coordinator a database: a lock on DATABASE.lock that lives as long as the process. */
#pragma once

#include "core/base/err.h"

struct store_lock;

/* ERR_BUSY, with a sentence that names the process that has it, if it is taken. The file stays there
 * after the end, empty and unlocked. Makes the folder of the database if it is absent. */
int store_lock(const char *database, struct store_lock **out, struct err *e);
void store_unlock(struct store_lock *lock); /* NULL is fine */
/* 0 if no coordinator has it, else as store_lock: for commands that write. */
int store_lock_check(const char *database, struct err *e);
