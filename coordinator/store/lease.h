/* Leases: who works on what, until when, and the fence that proves it. For the queue; all but the
 * readers write. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"
#include "core/farm_protocol/job.h"

struct store_lease {
	int64_t id;
	int64_t job;
	int64_t agent;
	int64_t attempt;
	const char *fence; /* begins with the job's number and '-' */
	int64_t granted;
	int64_t deadline;
	int64_t hard_deadline;
	const char *stage; /* NULL: not told yet */
	const char *outcome; /* result, expired, farm_fault, revoked; NULL: live */
};

/* What the queue keeps of a job while it is leased; texts in the arena it was read into. */
struct store_leased {
	int64_t package;
	int64_t target;
	int64_t priority;
	int64_t farm_faults;
	int64_t limit_faults;
	int64_t avoid_agent; /* 0: none */
	const char *needs; /* JSON */
	const char *spec; /* JSON, as the agent gets it */
	/* What the coordinator itself asks of the spec: package, version, mode, the target's name, the
	 * source's name and hash, expect_native, wall_s, the recipe's commit and dirty; nothing else is set.
	 * Without a source the spec is one that this program cannot read. */
	struct job outline;
};
/* ERR_NOT_FOUND. */
int store_leased_get(
	struct store *s, int64_t job, struct arena *arena, struct store_leased *out, struct err *e);

/* Leases a queued job in two steps, as the deadlines come from what the first one finds.
 * ERR_CONFLICT if it is not queued any more: then nothing was changed. Fills the attempt. */
int store_lease_take(struct store *s, struct store_lease *lease, struct arena *arena,
	struct store_leased *job, struct err *e);
/* The row of the lease itself; fills its id. */
int store_lease_add(struct store *s, struct store_lease *lease, struct err *e);
/* ERR_LEASE_LOST if it has ended. */
int store_lease_renew(
	struct store *s, int64_t lease, int64_t deadline, const char *stage, struct err *e);
/* ERR_LEASE_LOST if it has ended before. */
int store_lease_end(
	struct store *s, int64_t lease, int64_t now, const char *outcome, struct err *e);
/* By its fence, live or not; ERR_NOT_FOUND. */
int store_lease_get(
	struct store *s, struct str fence, struct arena *arena, struct store_lease *out, struct err *e);
struct store_duration {
	int64_t target;
	double seconds; /* on average, of the last thousand that brought a result */
};
int store_lease_durations(struct store *s,
	void (*each)(void *user, const struct store_duration *duration), void *user, struct err *e);
/* The live ones by id, an array in `arena`. */
int store_lease_live(
	struct store *s, struct arena *arena, struct store_lease **out, size_t *count, struct err *e);
