/* The published wheels of some packages, judged by their bytes: for each target the file of its
 * published fact, each distinct file once, and never again while the rules are the same. What is found
 * becomes rows of the wheel table, and headlines follow. */
#pragma once

#include "core/inspect/wheel.h"
#include "core/io/fetch.h"

struct store;
struct store_writer;

struct wheel_round_counts {
	size_t packages; /* looked at */
	size_t known; /* wheels that need no look */
	size_t inspected;
	size_t wrong; /* of those, with errors */
	size_t bad; /* not what the index says: hash differs, gone, no wheel */
	size_t failed; /* out of reach, or not stored: nothing is concluded */
	uint64_t received; /* body bytes */
};

struct wheel_round_options {
	uv_loop_t *loop;
	struct fetch *fetch; /* outlives the round */
	const char *auth_url; /* files below this address, */
	const char *auth; /* get this header; or NULL */
	const char *folder; /* file:// below this folder may be read; or NULL */
	struct store *store; /* read-only, used on the pool by this round alone */
	struct store_writer *writer;
	const char *const *packages; /* normalised names */
	size_t package_count;
	enum wheel_depth depth;
	size_t parallel; /* wheels at a time; 0: 8 */
	int64_t rate; /* wheels a second at most; 0: no cap */
	void (*on_report)(
		void *user, const char *line); /* a wheel that could not be judged, or is wrong */
	void (*on_progress)(void *user, const struct wheel_round_counts *so_far);
	/* exactly once, on the loop, after everything is committed */
	void (*on_end)(void *user, const struct wheel_round_counts *counts);
	void *user;
};

struct wheel_round;
/* The options' pointers must stay until on_end, after which the round frees itself. */
struct wheel_round *wheel_round_start(const struct wheel_round_options *options);
void wheel_round_cancel(struct wheel_round *r); /* soon on_end comes */

/* Writes; on the writer's thread. Rows whose columns an older program made get them anew from their
 * report, at most `most`; *done tells how many. Headlines follow. */
int wheel_round_refresh_columns(
	struct store *s, size_t most, int64_t now, size_t *done, struct err *e);
