/* How commands that write reach the coordinator that holds the database: its address and a token in
 * STATE/admin.json, made by each start and readable by its owner only, gone when it ends. Who can read
 * that file could also read the database. */
#pragma once

#include "core/base/str.h"

/* Leaves address and token; `ca_file` NULL: curl's own. */
int admin_link_open(
	const char *state, const char *url, const char *token, const char *ca_file, struct err *e);
void admin_link_close(const char *state);

/* One request to the coordinator whose state this is; `path` begins with "/api/", `body` NULL: GET.
 * 0 with *status and the answer's bytes (at most 16 MiB, the caller finishes); ERR_NOT_FOUND if no
 * coordinator left its address; or the network's error. Blocking. */
int admin_link_call(const char *state, const char *path, const char *body, long *status,
	struct buf *answer, struct err *e);
