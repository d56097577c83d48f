/* Retention and garbage collection while the farm works: a round now and then, made of small slices with
 * rests between them, so that neither the loop nor the writer ever waits for it. A round drops from the
 * database what is too old (coordinator/store/keep.h), packs logs that an older program kept as they
 * came, and removes blobs that nobody names any more, uploads that were given up and what crashes left.
 *
 * Safe at every moment: a blob goes only when no row names it, asked again by the writer in the moment it
 * is retired, and never before `orphan_ms` have passed since somebody put it there or wanted it. */
#pragma once

#include "coordinator/store/keep.h"
#include "coordinator/store/writer.h"
#include "core/base/clock.h"
#include "core/io/blob_store.h"

struct keep_counts {
	struct store_kept rows;
	size_t packed; /* logs */
	size_t blobs; /* removed, dead ones of an earlier crash included */
	uint64_t bytes; /* of these */
};

struct keep_options {
	uv_loop_t *loop;
	struct store_writer *writer;
	const char *database;
	struct blob_store *blobs;
	const char *live_folder;
	struct clock clock;
	struct store_keep_ages ages;
	int64_t orphan_ms;
	const char *const *pinned; /* blobs that no row names and that stay */
	size_t pinned_count;
	int64_t first_ms, round_ms; /* until the first round, between rounds; 0: a minute, an hour */
	int64_t rest_ms; /* between slices; 0: 20 */
	/* A round is over; on the loop. May be NULL. */
	void (*on_round)(void *user, const struct keep_counts *counts);
	void *user;
};

struct keep;
/* The options' texts outlive it. It does not keep the loop alive while it rests. */
struct keep *keep_start(const struct keep_options *options);
/* A round begins now, if none is under way: the disk is nearly full. */
void keep_hurry(struct keep *k);
/* The slice under way is finished first; then `closed`, and it is freed. Before store_writer_stop. */
void keep_stop(struct keep *k, void (*closed)(void *user), void *user);
