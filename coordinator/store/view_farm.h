/* What the farm does, and why builds fail: for /farm and /blockers. */
#pragma once

#include "coordinator/store/agent.h"
#include "core/farm_protocol/reason.h"

enum { FARM_DAYS = 14, FARM_OWNERS = REASON_NOBODY + 1 };

struct farm_view {
	struct arena arena;
	struct farm_agent {
		struct store_agent agent;
		const char *fault_reason; /* of the last fault that was the farm's, NULL: none */
		const char *fault_line;
		int64_t fault_at;
	} * agents; /* by name, without revoked ones */
	size_t agent_count;
	struct farm_lease {
		int64_t agent; /* id */
		int64_t job;
		const char *package, *version, *target, *mode, *kind;
		const char *stage; /* NULL: not said yet */
		int64_t granted;
	} * leases; /* oldest first */
	size_t lease_count;
	struct farm_queue {
		const char *target;
		int64_t queued, leased;
	} * queue; /* by target */
	size_t queue_count;
	struct farm_day {
		int64_t start; /* wall ms */
		int64_t passed;
		int64_t failed[FARM_OWNERS]; /* by enum reason_owner */
	} days[FARM_DAYS]; /* newest first; of the last 20,000 results */
	size_t day_count;
	struct farm_reason {
		enum reason reason;
		int64_t days[FARM_DAYS]; /* failures, in the order of `days` */
		int64_t total;
	} * reasons; /* the most frequent first */
	size_t reason_count;
};
int store_farm_view(struct store *s, struct farm_view *out, struct err *e);
void farm_view_finish(struct farm_view *v);

/* Packages whose build for a target failed, by reason; and what others wait for. */
struct causes_view {
	struct arena arena;
	const char *target;
	const char **targets; /* that may be asked for, as pages order them */
	size_t target_count;
	struct cause {
		const char *reason, *owner;
		int64_t downloads; /* of all its packages together; -1: of none are they known */
		struct cause_package {
			const char *name;
			int64_t downloads, rank; /* -1: unknown; rank 0: none */
			const char *line; /* the evidence, NULL: none */
			int64_t job;
		} * packages; /* most downloaded first */
		size_t package_count;
	} * causes; /* most downloads first */
	size_t cause_count;
	/* The packages that others wait for there, most downloads behind them first. */
	struct blocking_root {
		const char *name;
		const char *version; /* that would be taken; NULL: there is none */
		const char *reason; /* a word of coordinator/solve/question.h, or conflict */
		const char *headline;
		int64_t waits; /* packages that wait for it */
		int64_t downloads; /* theirs together; -1: of none are they known */
		struct waiting_package {
			const char *name;
			int64_t downloads; /* -1: unknown */
			const char *path; /* how the root comes in */
		} * waiting; /* most downloaded first, at most 50 */
		size_t waiting_count;
	} * roots;
	size_t root_count;
};
/* `target` NULL: a default one, Windows before others. ERR_NOT_FOUND: there is no such target. */
int store_causes_view(struct store *s, const char *target, struct causes_view *out, struct err *e);
void causes_view_finish(struct causes_view *v);
