/* Jobs: what is to be built, each once (farm.md, "Jobs"). */
#pragma once

#include "coordinator/store/needs.h"
#include "coordinator/store/store.h"
#include "core/farm_protocol/job.h"

enum store_job_add { STORE_JOB_ADDED, STORE_JOB_KNOWN };

struct store_job_new {
	const char *key; /* 64 hex digits: what makes it this job */
	struct job *job; /* the resolved job; package and target must be stored; id is filled */
	const struct store_needs *needs;
	const char *for_target; /* whose row it belongs to; NULL: the job's own target */
	int64_t priority; /* lower first */
	int64_t now;
};
/* Writes. The same key never makes a second job: then job->id is the one that is there (a superseded
 * one with this key is queued again). Queued jobs of the same kind, package, target and mode with
 * another key become superseded; one that runs is let run, and its job is superseded when a newer
 * one has a result. ERR_NOT_FOUND if package or target are not stored. */
int store_job_add(
	struct store *s, const struct store_job_new *new_job, enum store_job_add *out, struct err *e);

/* Writes. Queues a finished job again (an operator asked). ERR_CONFLICT if it is queued or leased,
 * ERR_NOT_FOUND if there is none. */
int store_job_requeue(struct store *s, int64_t job, struct err *e);

struct store_job {
	int64_t id;
	const char *key;
	const char *kind;
	const char *package;
	const char *version;
	const char *target;
	const char *mode;
	const char *state; /* queued, leased, done, superseded */
	const char *spec; /* JSON, job_read reads it */
	const char *needs; /* JSON */
	int64_t package_id;
	int64_t target_id;
	int64_t priority;
	int64_t attempts;
	int64_t farm_faults;
	int64_t limit_faults;
	int64_t not_before;
	int64_t avoid_agent; /* 0: none */
};
int store_job_get(
	struct store *s, int64_t job, struct arena *arena, struct store_job *out, struct err *e);

/* What the queue keeps of a job in memory. */
struct store_queued {
	int64_t id;
	int64_t target;
	int64_t priority;
	int64_t not_before;
	int64_t avoid_agent; /* 0: none */
	const char *needs; /* valid during the call */
};
/* Calls `each` for every queued job with id > after, by id. */
int store_job_queued(struct store *s, int64_t after,
	void (*each)(void *user, const struct store_queued *job), void *user, struct err *e);

/* Writes. `job` waits until `after` is done, however that ends. ERR_CONFLICT if that one waits, by
 * whatever way, for `job` itself. The queue hears of it by queue_refresh. */
int store_job_add_after(struct store *s, int64_t job, int64_t after, struct err *e);
struct store_block {
	int64_t job; /* queued */
	int64_t after; /* queued or leased */
};
/* All that hold a job back now, by job. */
int store_job_blocks(struct store *s, void (*each)(void *user, const struct store_block *block),
	void *user, struct err *e);

struct store_job_counts {
	int64_t queued, leased, passed, failed;
};
int store_job_count(struct store *s, struct store_job_counts *out, struct err *e);

/* Writes; for the queue. Back to the queue, not before that time; avoid_agent 0: none. */
int store_job_retry(struct store *s, int64_t job, int64_t not_before, int64_t avoid_agent,
	int64_t farm_faults, int64_t limit_faults, struct err *e);
/* Writes; for the queue. Older finished jobs of the same package and target, kind and mode become
 * superseded. */
int store_job_done(
	struct store *s, int64_t job, int64_t package, int64_t target, int64_t now, struct err *e);
