#include "sql/export.h"

#include "sql/embedded.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A path as a URI that SQLite reads and never writes. */
static char *uri_of(const char *path)
{
	struct buf out = {0};
	buf_add_text(&out, "file:");
	for (const unsigned char *p = (const unsigned char *)path; *p != '\0'; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			(*p >= '0' && *p <= '9') || strchr("/._-", *p) != NULL;
		if (plain) {
			buf_add_char(&out, (char)*p);
		} else {
			buf_printf(&out, "%%%02X", *p);
		}
	}
	buf_add_text(&out, "?mode=ro");
	return buf_take(&out);
}

static int attach(sqlite3 *handle, const char *path)
{
	sqlite3_stmt *statement = NULL;
	char *uri = uri_of(path);
	int code = sqlite3_prepare_v2(handle, "ATTACH ? AS facts", -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_text(statement, 1, uri, -1, SQLITE_STATIC);
		code = sqlite3_step(statement) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
	}
	sqlite3_finalize(statement);
	free(uri);
	return code;
}

int sql_export(const char *path, const char *out, struct err *e)
{
	sqlite3 *handle = NULL;
	struct sql_db *db = NULL;
	/* a database of another schema is refused there */
	int code = sql_open(path, SQL_READ, &db, e);
	sql_close(db);
	if (code != 0) {
		return code;
	}
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
	if (sqlite3_open_v2(out, &handle, flags, NULL) != SQLITE_OK ||
		sqlite3_exec(handle, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL,
			NULL) != SQLITE_OK ||
		attach(handle, path) != SQLITE_OK ||
		sqlite3_exec(handle, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_exec(handle, sql_export_script, NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
		code = err_set(e, ERR_DATABASE, "%s: export: %s", out, sqlite3_errmsg(handle));
	}
	sqlite3_close(handle);
	return code;
}
