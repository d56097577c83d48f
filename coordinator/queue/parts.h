/* What the files of this folder share. All of it belongs to the loop's thread; a struct that an
 * operation carries to the writer or a worker is touched there only until its `done`. */
#pragma once

#include "coordinator/queue/queue.h"
#include "coordinator/store/job.h"
#include "coordinator/store/lease.h"
#include "coordinator/store/needs.h"
#include "coordinator/store/result.h"
#include "coordinator/store/target.h"
#include "core/base/map.h"
#include "core/base/vec.h"

enum {
	QUEUE_WAIT_MOST_S = 30,
	QUEUE_SEEN_MS = 120 * 1000, /* an agent not heard of for so long is not there */
	QUEUE_SEEN_WRITE_MS = 10 * 1000,
	QUEUE_CLOCK_MS = 60 * 1000, /* an agent's clock may be off by so much */
	QUEUE_FARM_FAULTS = 3, /* attempts lost to the farm that end a job */
	QUEUE_LIMIT_FAULTS = 2, /* attempts that broke a limit */
	QUEUE_SECRETS = 240, /* bytes */
	QUEUE_DISTRUST_MS = 24 * 3600 * 1000, /* so far back nothing that a liar said is kept */
};

/* What decides whether a canary is due. */
enum queue_trust {
	QUEUE_TRUST_PROOFS, /* those that are kept */
	QUEUE_TRUST_NOTHING, /* all must pass again */
	QUEUE_TRUST_ALL, /* an operator said so */
	QUEUE_TRUST_NOBODY, /* it lied: a canary that passes proves nothing of it */
};

/* Jobs that want the same of an agent. */
struct queue_class {
	size_t index;
	struct arena arena;
	struct store_needs needs;
};

struct queue_job {
	int64_t id;
	int64_t target;
	int64_t priority;
	int64_t not_before;
	int64_t avoid_agent;
	size_t blockers; /* jobs it waits for: in queue->blocked until there is none */
	struct queue_class *class;
};

/* What an operation brings from the database to the loop. */
struct queue_loaded_job {
	struct queue_job job; /* class is not set */
	const char *needs;
};

/* A job that others wait for. */
struct queue_blocker {
	VEC(struct queue_job *) jobs;
};

/* The jobs of one target and class, best first (a binary heap). */
struct queue_bucket {
	struct queue_class *class;
	VEC(struct queue_job *) heap;
};

/* A target's fair share: the lane that was served least is served next. */
struct queue_lane {
	int64_t target;
	int64_t served;
	size_t jobs;
	bool known; /* `seconds` */
	double seconds; /* how long its jobs take: a moving average */
	VEC(struct queue_bucket *) buckets;
};

struct queue_lease {
	struct arena arena;
	int64_t id;
	int64_t attempt;
	struct queue_agent *agent;
	int64_t slot; /* -1: of an earlier coordinator's time */
	const char *fence;
	int64_t job;
	struct store_leased row; /* of the job */
	struct queue_class *class;
	int64_t granted, deadline, hard_deadline;
	bool ending; /* a result or its expiry is under way */
	bool may_have_log; /* of an earlier coordinator's time */
	const struct queue_canary *canary; /* NULL: a job's; else nothing of it is in the database */
	int log_fd; /* -1: no log yet */
	uint64_t log_size;
	uint64_t sent; /* bytes of files, whatever became of them */
};

struct queue_agent {
	struct queue *queue;
	int64_t id;
	char *name;
	char *token_hash;
	enum store_agent_state state;
	bool local;
	bool said_hello;
	struct arena arena; /* of hello */
	struct hello hello;
	VEC(signed char) fits; /* by class index: 0 not asked yet, 1 yes, -1 no */
	int64_t seen;
	int64_t seen_written; /* what the database has of it */
	int64_t faults;
	size_t faulting; /* faults on their way to the database */
	enum queue_trust trust;
	VEC(signed char) proofs; /* by canary; empty: not looked at yet */
	int64_t canary_not_before;
	unsigned canary_fails; /* in a row */
	VEC(struct queue_lease *) leases;
};

struct queue_wait {
	struct queue *queue;
	struct queue_agent *agent;
	int64_t slot;
	int64_t deadline;
	queue_lease_fn done; /* NULL: the client is gone */
	void *user;
	bool listed; /* in queue->waits */
	int code; /* of an answer that is on its way */
};

struct queue {
	struct queue_options o;
	char *live_folder;
	bool open; /* queue_create's load has ended well */
	bool draining;
	bool paused;
	bool closing;
	void (*closed)(void *user);
	void *closed_user;
	size_t under_way; /* operations whose end must come before the queue may go */
	uv_timer_t timer;
	bool timer_open;
	struct map classes; /* needs as JSON → queue_class */
	struct arena target_arena; /* of what follows */
	struct store_target *targets; /* by name */
	size_t target_count;
	VEC(struct queue_lane *) lanes;
	VEC(struct queue_job *) delayed; /* not_before is not reached */
	VEC(struct queue_job *) blocked; /* wait for other jobs */
	struct map blockers; /* job id's bytes → queue_blocker */
	VEC(int64_t) granting; /* ids of jobs whose grant is being written */
	size_t queued; /* in lanes, delayed and blocked */
	VEC(struct queue_agent *) agents;
	struct map agents_by_hash;
	struct map proofs; /* keys of what passed */
	int64_t canaries; /* leases of such so far */
	VEC(struct queue_wait *) waits; /* oldest first */
	bool rematch; /* something came that waiting agents have not been offered */
	unsigned char secrets[QUEUE_SECRETS]; /* random, for fences to come: asked for many at a time */
	size_t secrets_left;
	VEC(struct str) uploads; /* SHA-256 of blobs that a piece is being written to */
	size_t leased, passed, failed, retried;
	int64_t seen_written; /* when the database was told who was here */
};

/* --- queue.c --- */
static inline int64_t queue_now(const struct queue *q)
{
	return clock_now_ms(q->o.clock);
}
/* store_write_again that counts; `done` must call queue_ended. A write that is refused ends as if it had
 * failed, by `done`, later. */
void queue_write(struct queue *q, store_write_fn fn, store_done_fn done, void *user);
void queue_work(struct queue *q, void (*work)(void *), void (*done)(void *), void *user);
void queue_soon(struct queue *q, void (*fn)(void *user), void *user);
void queue_ended(struct queue *q);
void queue_tell(struct queue *q, enum queue_event_kind kind, const struct queue_lease *lease,
	const struct queue_event *more);

/* --- heap.c --- */
struct queue_class *queue_class_of(struct queue *q, const char *needs);
/* Takes the job: into its lane, or among the delayed. */
void queue_push(struct queue *q, struct queue_job *job);
/* The job this agent should get, out of its lane; NULL if none fits. */
struct queue_job *queue_pick(struct queue *q, struct queue_agent *a);
void queue_release_delayed(struct queue *q);
void queue_forget_jobs(struct queue *q); /* all that wait */
void queue_forget_all(struct queue *q);
bool queue_agent_fits(struct queue_agent *a, const struct queue_class *c);

struct queue_lane *queue_lane_of(struct queue *q, int64_t target);

/* --- blocked.c --- */
/* The job, which is nowhere yet, waits for that one too. */
void queue_block(struct queue *q, struct queue_job *job, int64_t blocker);
/* That one is done: who waited for it alone comes into its lane. */
void queue_unblock(struct queue *q, int64_t done);
void queue_forget_blocked(struct queue *q);

/* --- canary.c --- */
/* The agent has to pass one before it gets jobs. */
bool queue_canary_is_due(const struct queue *q, struct queue_agent *a);
/* From now on this decides, whatever was looked up before. */
void queue_canary_trust(struct queue_agent *a, enum queue_trust trust);
void queue_canary_add_proof(struct queue *q, struct str key);
/* Answers the wait, which is on no list, with one if one may be given now; else false. */
bool queue_canary_offer(struct queue *q, struct queue_wait *w);
/* Its lease goes, however that came. */
void queue_canary_gone(struct queue *q, struct queue_lease *lease);
void queue_canary_expire(struct queue *q, struct queue_lease *lease, const char *why);
/* Its result was looked at: `done` when it is written; then the lease is gone. */
void queue_canary_end(struct queue *q, struct queue_lease *lease,
	const struct store_result_new *result, store_done_fn done, void *user);

/* --- outlook.c --- */
void queue_learn(struct queue_lane *lane, double seconds);

/* --- load.c --- */
void queue_load(
	struct queue *q, void (*ready)(void *user, int code, const struct err *e), void *user);
void queue_load_job(const struct store_job *from, struct queue_loaded_job *out);
void queue_push_loaded(struct queue *q, const struct queue_loaded_job *from);
void queue_read_agent(struct queue *q, const struct store_agent *from);

/* --- take_back.c --- */
/* Agents whose token (REVOKED) or word (QUARANTINED) is worth nothing any more: their live leases end
 * and the jobs are queued again, no fault of theirs; what a liar said of late is no fact any more. */
struct queue_take_back {
	enum store_agent_state state;
	int64_t now;
	struct arena arena;
	VEC(int64_t) agents;
	VEC(int64_t) leases;
	VEC(struct queue_loaded_job) back;
	size_t withdrawn; /* results */
};
void queue_take_back_reset(struct queue_take_back *t);
int queue_take_back_write(struct store *s, const struct queue_options *o, struct queue_take_back *t,
	int64_t agent, struct err *e);
void queue_take_back_apply(struct queue *q, const struct queue_take_back *t); /* after the commit */
void queue_take_back_finish(struct queue_take_back *t);

/* --- leases.c, grant.c --- */
struct queue_lease *queue_lease_find(struct queue_agent *a, struct str fence);
/* As find, and live at this moment: else ERR_LEASE_LOST. */
int queue_lease_live(struct queue *q, struct queue_agent *a, struct str fence,
	struct queue_lease **out, struct err *e);
/* Takes over the arena, which holds the texts of both. */
struct queue_lease *queue_lease_add(struct queue *q, struct queue_agent *a,
	const struct store_lease *from, const struct store_leased *job, struct queue_class *class,
	struct arena *arena);
/* The job's place in the queue again; the caller pushes it. */
struct queue_job *queue_lease_job(
	const struct queue_lease *lease, int64_t not_before, int64_t avoid_agent);
void queue_lease_remove(struct queue *q, struct queue_lease *lease); /* frees it */
void queue_match(struct queue *q); /* gives waiting agents what there is */
void queue_wait_answer(struct queue_wait *w, int code); /* later; takes it off the list */
void queue_refuse_waits(struct queue *q, const struct queue_agent *a, int code); /* all of its */

/* A lease on its way into the database, for a request that waits or beside a result. */
struct queue_grant_new {
	struct queue *queue;
	struct queue_agent *agent;
	int64_t slot;
	struct queue_job *job;
	struct arena arena;
	struct store_lease lease;
	struct store_leased row;
};
/* NULL if nothing fits or nothing may be granted now. */
struct queue_grant_new *queue_grant_start(struct queue *q, struct queue_agent *a, int64_t slot);
/* So many writes wait that new ones would come too late: whoever can wait is told to. */
bool queue_is_slow(const struct queue *q);
bool queue_has_slot(const struct queue_agent *a, int64_t slot);
/* On the writer's thread. ERR_CONFLICT: not a queued job any more, and nothing was changed. */
int queue_grant_write(struct store *s, struct queue_grant_new *g, struct err *e);
/* After the commit: the lease. Frees g. */
struct queue_lease *queue_grant_apply(struct queue_grant_new *g);
/* It was not written: the job goes back unless the database said that it is none. Frees g. */
void queue_grant_failed(struct queue_grant_new *g, int code);
/* "JOB-" and random bytes. */
const char *queue_make_fence(struct queue *q, int64_t job, struct arena *arena);
/* The lease as the agent gets it. */
void queue_grant_json(const struct queue_lease *lease, struct buf *out);
/* Nobody knows its fence: the job goes back to the queue as if it had never left. */
void queue_lease_give_back(struct queue_lease *lease);

/* --- end_lease.c --- */
/* The end of an attempt: decided on the loop, written in one transaction. */
struct queue_end {
	struct queue *queue; /* its options only, on the writer's thread */
	struct queue_lease *subject; /* loop only */
	int64_t lease;
	int64_t agent;
	int64_t now;
	struct store_result_new result; /* .job is set always */
	bool expired; /* nothing was sent: a result is stored only if it is the final one */
	bool lied; /* what was sent is not so: the agent's fault */
	bool fooled; /* and no honest agent sends it: nothing it says is believed any more */
	struct queue_take_back taken; /* then */
	struct arena arena;
	/* filled by queue_end_decide */
	int64_t package, target;
	bool farm_fault;
	bool row_of_faults_ends;
	int64_t farm_faults, limit_faults; /* the job's */
	int64_t not_before;
	/* filled by queue_end_write */
	bool quarantined;
	int64_t agent_faults;
	struct queue_loaded_job next; /* .job.id 0: nothing comes of this result */
};
/* Once the result is complete, before the write. */
void queue_end_decide(struct queue_end *end);
/* ERR_LEASE_LOST if the lease has ended. */
int queue_end_write(struct store *s, struct queue_end *end, struct err *e);
/* On the loop after the commit: agent, counts, event, the job back into the queue; frees the
 * lease. */
void queue_end_apply(struct queue *q, struct queue_end *end);
/* The same after an error: a lease that the database knows to be over is forgotten. */
void queue_end_failed(struct queue *q, struct queue_end *end, int code);
/* Nothing came of it; `why` is a literal. */
void queue_expire(struct queue *q, struct queue_lease *lease, const char *why);
