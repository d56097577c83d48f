#include "coordinator/store/requires.h"

#include "core/io/sha256.h"
#include "sql/db.h"

static struct str key_view(const unsigned char *key)
{
	return (struct str){.p = (const char *)key, .n = STORE_REQUIRES_KEY};
}

int store_requires_get(struct store *s, const unsigned char key[static STORE_REQUIRES_KEY],
	struct arena *arena, struct str *text, struct err *e)
{
	struct sql_query q;
	bool found = false;
	sql_start(&q, store_sql(s), SQL_REQUIRES_GET, e);
	sql_bind_blob(&q, key_view(key));
	if (sql_row(&q)) {
		struct str row = sql_str(&q, 0);
		*text = (struct str){arena_copy(arena, row.p, row.n), row.n};
		found = true;
	}
	int code = sql_end(&q);
	return code != 0 || found ? code : err_set(e, ERR_NOT_FOUND, "nobody looked at it");
}

int store_requires_put(struct store *s, const unsigned char key[static STORE_REQUIRES_KEY],
	struct str package, struct str text, struct err *e)
{
	struct sql_query q;
	unsigned char digest[SHA256_BYTES];
	sha256_of(text, digest);
	struct str hash = {.p = (const char *)digest, .n = sizeof(digest)};
	sql_start(&q, store_sql(s), SQL_REQUIRES_TEXT_PUT, e);
	sql_bind_blob(&q, hash);
	sql_bind_str(&q, text.n != 0 ? text : STR(""));
	int code = sql_run(&q);
	if (code != 0) {
		return code;
	}
	sql_start(&q, store_sql(s), SQL_REQUIRES_PUT, e);
	sql_bind_blob(&q, key_view(key));
	sql_bind_blob(&q, hash);
	sql_bind_str(&q, package);
	code = sql_run(&q);
	if (code != 0) {
		return code;
	}
	sql_start(&q, store_sql(s), SQL_REQUIRES_DUE, e);
	sql_bind_str(&q, package);
	return sql_run(&q);
}
