/* The agent's configuration, a JSON file written by `wheelfarm run` or by an operator. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"

struct agent_config {
	const char *coordinator; /* "http://127.0.0.1:PORT", no slash at the end; NULL for --job */
	const char *token_file;
	const char *token; /* read from token_file; NULL without */
	const char *name;
	int64_t slots;
	const char *workspace; /* absolute */
	const char *cache; /* absolute: images/, sdk/, zig, tools */
	const char *ca_file; /* NULL: curl's default */
	const char *blobs; /* a blob store's folder, for --job without a coordinator; or NULL */
	int64_t uid_base; /* slot N runs as uid_base + N when we are root; 0: as ourselves */
	int64_t min_free_mb; /* below this the host is short of disk */
	bool drain; /* SIGTERM: finish what runs (true, the default), or drop it (false) */
	bool die_with_parent; /* end as on SIGTERM when the process that started us ends */
	struct arena arena; /* owns every text */
};

/* 0; or a negative code and "FILE: what". needs_coordinator: coordinator and token must be there.
 * Always end with agent_config_finish. */
int agent_config_read(
	const char *path, bool needs_coordinator, struct agent_config *out, struct err *e);
void agent_config_finish(struct agent_config *c);
