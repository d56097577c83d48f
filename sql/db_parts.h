/* The connection's inside, for the files of this folder. */
#pragma once

#include "sql/db.h"

struct sqlite3 *sql_handle(struct sql_db *db);
/* From now on commits move nothing from the log into the database; they only count its pages. */
void sql_count_log(struct sql_db *db);
int sql_log_pages(const struct sql_db *db); /* after the last commit */
