/* The second half of `wheelfarm scan --inspect`: the newest published wheels of the packages that were
 * scanned, judged by their bytes. */
#pragma once

#include "coordinator/scan/scan.h"
#include "core/inspect/wheel.h"

struct scan_inspect_options {
	uv_loop_t *loop;
	struct store *store; /* read-only */
	struct store_writer *writer;
	const struct scan_index *index;
	const char *contact; /* for the User-Agent, or NULL */
	int64_t rate; /* as for the pages; 0: no cap */
	enum wheel_depth depth;
	const struct package_item *packages;
	size_t package_count;
};

/* Reads the value of --inspect: "" (headers), "headers", "full"; false for another word. */
bool scan_inspect_depth(const char *word, enum wheel_depth *out);
/* Runs the loop until all is stored; prints what came of it. An exit code: 0, 1 if some wheel is not
 * what the index promises, 3 if some is out of reach, 130 after SIGINT. */
int scan_inspect(const struct scan_inspect_options *options);
