/* The farm's queue: who may work on what (farm.md, "Leases" and "Agents"). One thread, the loop's,
 * calls everything here and gets every callback. Memory holds what is needed to decide; the
 * database has the last word, and nothing is answered before it is committed there.
 *
 * Callbacks: a function with a `done` calls it exactly once, on the loop, never before it returns. */
#pragma once

#include "coordinator/classify/classify.h"
#include "coordinator/store/agent.h"
#include "coordinator/store/needs.h"
#include "coordinator/store/writer.h"
#include "core/base/clock.h"
#include "core/farm_protocol/message.h"
#include "core/farm_protocol/result.h"
#include "core/io/blob_store.h"

struct queue;

enum queue_event_kind {
	QUEUE_LEASED, /* an agent has it */
	QUEUE_STAGE, /* the agent said where it is */
	QUEUE_FINISHED, /* a final result was committed */
	QUEUE_RETRY, /* back in the queue: `reason` says why */
};
struct queue_event {
	enum queue_event_kind kind;
	int64_t job;
	const char *package;
	const char *version;
	const char *target;
	const char *mode;
	const char *agent;
	const char *stage; /* QUEUE_STAGE: where; QUEUE_FINISHED: the failed one; may be NULL */
	bool pass;
	bool proven;
	bool only_tested; /* a wheel that was there before */
	const char *reason; /* code, "" if none */
	const char *line; /* may be NULL */
	double seconds; /* since the lease was granted */
};

/* A build that an agent which can do it must pass before it gets jobs. */
struct queue_canary {
	const char *target; /* for people */
	const char *key; /* names all that is asked (64 hex digits) */
	struct store_needs needs;
	const char *needs_text; /* as JSON */
	const char *spec; /* the job as JSON; its number is QUEUE_CANARY_JOB */
};
#define QUEUE_CANARY_JOB (INT64_C(1) << 52)

struct queue_options {
	uv_loop_t *loop;
	struct store_writer *writer;
	struct clock clock; /* deadlines; timers only wake it up */
	struct blob_store *blobs;
	const char *live_folder; /* growing logs (store_log_live_folder); made if absent */
	int64_t lease_s; /* 0: 60; a lease lives so long after its last heartbeat */
	int64_t heartbeat_s; /* 0: 15; what agents are told */
	int64_t hard_s; /* 0: from the job's limits */
	int64_t retry_s; /* 0: 30; rest of a job after its first farm fault, doubled by each */
	int64_t fault_limit; /* 0: 5; farm faults in a row that quarantine an agent */
	int64_t slow_ms; /* 0: 2000; no leases while the writer is so far behind */
	uint64_t upload_limit; /* 0: 4 GiB; bytes that one lease may send as files */
	uint64_t log_limit; /* 0: 256 MiB; bytes of one growing log */
	int64_t tick_ms; /* 0: 1000; -1: none, the owner calls queue_tick (tests) */
	/* Reads a failed stage's log (classify_log with its rules); on worker threads, several at
	 * once. NULL: such a
	 * result gets the reason "unknown". */
	void (*classify)(void *user, enum stage stage, struct str log, struct classify_answer *out);
	/* After each final result, on the writer's thread inside its transaction (verdict_refresh); an
	 * error undoes the result. May be NULL. */
	int (*on_result)(
		void *user, struct store *s, int64_t package, int64_t target, int64_t now, struct err *e);
	/* In the same transaction, after a final pass: what is to be done with what `job` left (plan_test_after).
	 * *out: a job that is queued now, 0: none. May be NULL. */
	int (*on_passed)(
		void *user, struct store *s, int64_t job, int64_t now, int64_t *out, struct err *e);
	/* For displays; on the loop after the commit. Texts live until it returns. May be NULL. */
	void (*on_event)(void *user, const struct queue_event *event);
	void *user;
	/* All that an agent can do must have passed on it, else it gets no jobs; one that failed leaves it
	 * in quarantine, until all passed again. Outlives the queue; 0: agents are believed. */
	const struct queue_canary *canaries;
	size_t canary_count;
};

/* Loads queued jobs, agents and live leases (those stay valid until their deadline). `ready` comes
 * when it may be used; on an error the queue must still be destroyed. Strings are copied. */
struct queue *queue_create(const struct queue_options *options,
	void (*ready)(void *user, int code, const struct err *e), void *user);
/* Waiting lease requests get ERR_CANCELLED, work under way is waited for; then `closed` (may be
 * NULL), and it is freed. Live leases stay in the database. Before store_writer_stop. */
void queue_destroy(struct queue *q, void (*closed)(void *user), void *user);

/* Reads jobs and agents again: call it after plan_run, or after a job was queued or an agent was
 * added without the queue. `done` may be NULL. */
void queue_refresh(
	struct queue *q, void (*done)(void *user, int code, const struct err *e), void *user);
/* Queues a finished job again (an operator asked). ERR_NOT_FOUND, ERR_CONFLICT (it is queued or
 * leased). `done` may be NULL. */
void queue_requeue(struct queue *q, int64_t job, store_done_fn done, void *user);
/* From now on a lease request gets ERR_NOT_FOUND (410) once no job is queued, retried or leased. */
void queue_set_draining(struct queue *q, bool draining);
/* True: no leases are granted, everything else goes on (the disk is nearly full). */
void queue_set_paused(struct queue *q, bool paused);

struct queue_counts {
	size_t queued; /* waiting ones with a later start included */
	size_t leased;
	size_t passed; /* final results since queue_create */
	size_t failed;
	size_t retried;
	size_t agents; /* seen in the last two minutes */
	size_t waiting; /* lease requests */
	bool paused;
};
void queue_counts(const struct queue *q, struct queue_counts *out);
/* store_writer_behind_ms of its writer. */
int64_t queue_behind_ms(const struct queue *q);
/* What is to be expected of a target. */
struct queue_outlook {
	int64_t target; /* its row */
	const char *name; /* valid until the loop goes on */
	size_t queued; /* blocked and delayed ones too */
	size_t leased;
	size_t agents, slots; /* here and able to do what is queued */
	double average_s; /* of its recent jobs; -1: none was seen yet */
	double eta_s; /* until it is done; -1: nobody can tell */
};
/* At most `most` of them, by target; how many. */
size_t queue_outlooks(struct queue *q, struct queue_outlook *out, size_t most);
/* Nothing queued, leased, or being finished. */
bool queue_is_empty(const struct queue *q);
/* How many waiting jobs need what no agent has that is here now (seen in the last two minutes, not
 * revoked or quarantined). What the first of them needs is added to `needs` (may be NULL). */
size_t queue_unfit(struct queue *q, struct buf *needs);

/* --- agents --- */

/* One agent as the queue knows it; valid until queue_destroy. */
struct queue_agent;
const char *queue_agent_name(const struct queue_agent *a);
int64_t queue_agent_id(const struct queue_agent *a);
struct queue_agent *queue_agent_by_name(const struct queue *q, const char *name); /* or NULL */
/* NULL with ERR_DENIED if no agent has that token or it was revoked. */
struct queue_agent *queue_authenticate(struct queue *q, struct str token, struct err *e);

/* Admits an agent; `done` gets its token, once. local: started by this process, so the next one
 * revokes it at start. */
void queue_agent_add(struct queue *q, const char *name, bool trusted, bool local,
	void (*done)(void *user, int code, const char *token, const struct err *e), void *user);
/* Its token is worth nothing from now on; its leases end and their jobs are queued again at once,
 * without counting as a fault of job or agent. ERR_NOT_FOUND. `done` may be NULL. */
void queue_revoke_agent(struct queue *q, const char *name, store_done_fn done, void *user);
/* It gets no more jobs and ends those it has (then ERR_NOT_FOUND, 410, for a lease); kept over a
 * restart. ERR_NOT_FOUND, ERR_CONFLICT (it was revoked). `done` may be NULL. */
void queue_drain_agent(struct queue *q, const char *name, store_done_fn done, void *user);
/* Drained or quarantined: active again, its row of faults forgotten, and believed without canaries until
 * it says hello again. Errors as above. */
void queue_release_agent(struct queue *q, const char *name, store_done_fn done, void *user);
/* queue_revoke_agent for every local agent of an earlier process. Call it first thing after `ready`. */
void queue_revoke_local_agents(struct queue *q, store_done_fn done, void *user);

/* Stores what the agent is. `hello` is only read during the call. Errors: ERR_UNSUPPORTED (protocol
 * more than one version away), ERR_CONFLICT (its clock is more than 60 s off), ERR_INVALID (slots not
 * 1 to PROTOCOL_SLOTS). Else `done` gets 0 and the welcome is queue_welcome's. */
void queue_hello(struct queue *q, struct queue_agent *a, const struct hello *hello,
	store_done_fn done, void *user);
void queue_welcome(const struct queue *q, const struct queue_agent *a, struct welcome *out);

/* --- leases --- */

/* A lease request that waits. Dead after its `done`, or after queue_lease_cancel. */
struct queue_wait;
struct queue_grant {
	int64_t job;
	const char *fence;
	struct str
		json; /* the lease as the agent gets it (message.h), valid until the callback returns */
};
/* code 0 and a grant; ERR_TIMEOUT: nothing to do (204); ERR_NOT_FOUND: the farm is done (410);
 * ERR_DENIED: said no hello, revoked or quarantined (403); ERR_INVALID: it has no such slot;
 * ERR_BUSY: the writer is behind, come later (503); ERR_CANCELLED: the queue ends (503). */
typedef void (*queue_lease_fn)(
	void *user, int code, const struct queue_grant *grant, const struct err *e);
/* Waits at most min(wait_s, 30) s for a job that fits. A second request of the same agent and slot
 * ends the first with ERR_TIMEOUT; a lease that the slot had is over, as if it had run out. */
struct queue_wait *queue_lease(struct queue *q, struct queue_agent *a,
	const struct lease_request *request, queue_lease_fn done, void *user);
/* The client is gone: `done` will not come; a job granted in the same moment goes back at once.
 * Never after `done` was called. */
void queue_lease_cancel(struct queue *q, struct queue_wait *w);

/* Renews up to the hard deadline. ERR_LEASE_LOST. */
void queue_heartbeat(struct queue *q, struct queue_agent *a, const struct heartbeat *beat,
	void (*done)(void *user, int code, const struct heartbeat_reply *reply, const struct err *e),
	void *user);

/* Appends to the job's growing log, at once. *size is how much is there after the call, also on
 * ERR_CONFLICT (offset is not the end). ERR_LEASE_LOST, ERR_TOO_LARGE, or the system's error. */
int queue_log_append(struct queue *q, struct queue_agent *a, struct str fence, uint64_t offset,
	struct str bytes, uint64_t *size, struct err *e);

struct queue_upload_state {
	uint64_t size; /* bytes that are there */
	bool complete;
};
/* What is there of a blob; at once. ERR_LEASE_LOST, ERR_INVALID (no SHA-256). */
int queue_upload_size(struct queue *q, struct queue_agent *a, struct str fence, struct str sha256,
	struct queue_upload_state *out, struct err *e);
/* Appends a piece (copied); with the last one (total reached) it is hashed and kept. Errors:
 * ERR_LEASE_LOST, ERR_CONFLICT (out->size says where to go on), ERR_HASH_MISMATCH (start again),
 * ERR_TOO_LARGE, ERR_BUSY (a piece of that blob is under way). `state` is never NULL. */
void queue_upload_append(struct queue *q, struct queue_agent *a, struct str fence,
	struct str sha256, uint64_t offset, uint64_t total, struct str bytes,
	void (*done)(void *user, int code, const struct queue_upload_state *state, const struct err *e),
	void *user);

/* A whole result as JSON (read during the call). 0: accepted and committed, also for the same result
 * a second time. ERR_INVALID, ERR_LEASE_LOST, ERR_BUSY (it is being looked at: ask again).
 * next: the slot that takes its next lease with the answer, if there is one at once: then `grant` is
 * it, written in the result's own transaction; else NULL. -1: no slot does. */
void queue_result(struct queue *q, struct queue_agent *a, struct str json, int64_t next,
	queue_lease_fn done, void *user);

/* What the timer does: expired leases, waits that are over, jobs whose time has come. */
void queue_tick(struct queue *q);
