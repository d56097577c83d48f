/* What of the past may go from the database, a slice of rows at a time, so that the writer is never held
 * up; and which blobs it still names. What never goes: the newest result of a job that no newer one
 * replaced, its log and its files, and the newest wheel that passed. Nights and changes stay too.
 *
 * The functions of slices write; they do rows with from < id <= to, and bear to be run again. */
#pragma once

#include "coordinator/store/store.h"
#include "core/io/sha256.h"

/* For how long: ms after a result was accepted, a lease ended, an administrator did something. */
struct store_keep_ages {
	int64_t log_pass, log_fail; /* logs */
	int64_t files; /* wheels and what came with them */
	int64_t attempts; /* those the farm lost, and leases */
	int64_t audit;
};
/* How many went; added to. */
struct store_kept {
	int64_t logs, files, attempts, leases, audit;
};

int store_keep_results(struct store *s, int64_t from, int64_t to,
	const struct store_keep_ages *ages, int64_t now, struct store_kept *gone, struct err *e);
int store_keep_leases(struct store *s, int64_t from, int64_t to, const struct store_keep_ages *ages,
	int64_t now, struct store_kept *gone, struct err *e);
/* At most `most` rows, oldest first. */
int store_keep_audit(struct store *s, int64_t most, const struct store_keep_ages *ages, int64_t now,
	struct store_kept *gone, struct err *e);
/* The highest ids there are. */
int store_keep_last(struct store *s, int64_t *result, int64_t *lease, struct err *e);

/* The next result after `from` whose log is kept as it came; *result 0 if there is none. */
int store_keep_plain_log(
	struct store *s, int64_t from, int64_t *result, char sha256[static SHA256_HEX], struct err *e);
/* Writes. That log is kept in this blob now. */
int store_keep_set_log(struct store *s, const char *sha256, const char *blob, struct err *e);

int store_keep_blob_is_used(struct store *s, const char *sha256, bool *used, struct err *e);
int store_keep_job_runs(struct store *s, int64_t job, bool *runs, struct err *e);
