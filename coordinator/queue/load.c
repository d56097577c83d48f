#include "coordinator/queue/parts.h"
#include "coordinator/store/proof.h"
#include "core/base/log.h"
#include "core/io/file.h"

#include <stdlib.h>
#include <string.h>

struct live_lease {
	struct arena arena; /* of its own, as its end is */
	struct store_lease lease;
	struct store_leased row;
};

struct load {
	struct queue *queue;
	struct arena arena;
	bool first; /* queue_create's: leases too */
	struct store_agent *agents;
	size_t agent_count;
	struct arena target_arena;
	struct store_target *targets;
	size_t target_count;
	struct live_lease *leases;
	size_t lease_count;
	VEC(struct queue_loaded_job) jobs;
	VEC(struct store_block) blocks;
	VEC(struct store_duration) durations;
	VEC(char *) proofs;
	void (*done)(void *user, int code, const struct err *e);
	void *user;
};

void queue_load_job(const struct store_job *from, struct queue_loaded_job *out)
{
	*out = (struct queue_loaded_job){
		.needs = from->needs,
		.job =
			{
				.id = from->id,
				.target = from->target_id,
				.priority = from->priority,
				.not_before = from->not_before,
				.avoid_agent = from->avoid_agent,
			},
	};
}

void queue_push_loaded(struct queue *q, const struct queue_loaded_job *from)
{
	struct queue_job *job = MEM_NEW(struct queue_job);
	*job = from->job;
	job->class = queue_class_of(q, from->needs);
	queue_push(q, job);
}

static void add_job(void *user, const struct store_queued *from)
{
	struct load *l = user;
	*vec_add(&l->jobs) = (struct queue_loaded_job){
		.needs = arena_copy(&l->arena, from->needs, strlen(from->needs)),
		.job =
			{
				.id = from->id,
				.target = from->target,
				.priority = from->priority,
				.not_before = from->not_before,
				.avoid_agent = from->avoid_agent,
			},
	};
}

static void add_block(void *user, const struct store_block *block)
{
	struct load *l = user;
	*vec_add(&l->blocks) = *block;
}

static void add_duration(void *user, const struct store_duration *duration)
{
	struct load *l = user;
	*vec_add(&l->durations) = *duration;
}

static void add_proof(void *user, struct str key)
{
	struct load *l = user;
	*vec_add(&l->proofs) = str_dup(key);
}

static int read_leases(struct store *s, struct load *l, struct err *e)
{
	struct store_lease *leases = NULL;
	int code = store_lease_live(s, &l->arena, &leases, &l->lease_count, e);
	l->leases = arena_new(&l->arena, (l->lease_count + 1) * sizeof(*l->leases));
	for (size_t i = 0; code == 0 && i < l->lease_count; i++) {
		struct live_lease *live = &l->leases[i];
		live->lease = leases[i];
		live->lease.fence = arena_copy(&live->arena, leases[i].fence, strlen(leases[i].fence));
		code = store_leased_get(s, leases[i].job, &live->arena, &live->row, e);
	}
	return code;
}

static void forget_read(struct load *l)
{
	for (size_t i = 0; i < l->lease_count; i++) {
		arena_finish(&l->leases[i].arena);
	}
	for (size_t i = 0; i < l->proofs.n; i++) {
		free(l->proofs.v[i]);
	}
	l->proofs.n = 0;
	l->lease_count = l->jobs.n = l->blocks.n = l->durations.n = 0;
}

static int read_all(struct store *s, void *user, struct err *e)
{
	struct load *l = user;
	forget_read(l); /* it may be the second time */
	int code = store_agent_list(s, &l->arena, &l->agents, &l->agent_count, e);
	if (code == 0 && l->first) {
		code = read_leases(s, l, e);
	}
	if (code == 0 && l->first) {
		code = store_lease_durations(s, add_duration, l, e);
	}
	if (code == 0 && l->first) {
		code = store_proof_list(s, add_proof, l, e);
	}
	if (code == 0) {
		code = store_target_list(s, &l->target_arena, &l->targets, &l->target_count, e);
	}
	if (code == 0) {
		code = store_job_blocks(s, add_block, l, e);
	}
	return code == 0 ? store_job_queued(s, 0, add_job, l, e) : code;
}

static struct queue_agent *agent_by_id(struct queue *q, int64_t id)
{
	for (size_t i = 0; i < q->agents.n; i++) {
		if (q->agents.v[i]->id == id) {
			return q->agents.v[i];
		}
	}
	return NULL;
}

static void read_hello(struct queue_agent *a, const char *text)
{
	arena_finish(&a->arena);
	a->hello = (struct hello){0};
	a->fits.n = 0;
	a->said_hello = text != NULL &&
		message_read(str_from(text), hello_fields, "hello", &a->hello, &a->arena, NULL) == 0;
}

void queue_read_agent(struct queue *q, const struct store_agent *from)
{
	struct queue_agent *a = agent_by_id(q, from->id);
	bool is_new = a == NULL;
	if (is_new) {
		a = MEM_NEW(struct queue_agent);
		a->queue = q;
		a->id = from->id;
		a->name = str_dup(str_from(from->name));
		*vec_add(&q->agents) = a;
	}
	if (is_new || !str_is(str_from(from->token_hash), a->token_hash)) {
		free(a->token_hash);
		a->token_hash = str_dup(str_from(from->token_hash));
		map_put(&q->agents_by_hash, str_from(a->token_hash), a);
		read_hello(a, from->capabilities);
	}
	if (is_new || a->state != from->state) {
		queue_canary_trust(a,
			from->fooled                                 ? QUEUE_TRUST_NOBODY
				: from->state == STORE_AGENT_QUARANTINED ? QUEUE_TRUST_NOTHING
														 : QUEUE_TRUST_PROOFS);
	}
	a->state = from->state;
	a->local = from->local;
	a->faults = from->faults;
	if (from->seen > a->seen) {
		a->seen = a->seen_written = from->seen;
	}
}

static void hold_back(
	struct queue *q, const struct load *l, const struct queue_loaded_job *from, size_t block)
{
	struct queue_job *job = MEM_NEW(struct queue_job);
	*job = from->job;
	job->class = queue_class_of(q, from->needs);
	for (; block < l->blocks.n && l->blocks.v[block].job == job->id; block++) {
		queue_block(q, job, l->blocks.v[block].after);
	}
}

static void merge_jobs(struct queue *q, const struct load *l)
{
	/* A grant that was asked for after this was read has taken its job out already. */
	struct map granting = {0};
	for (size_t i = 0; i < q->granting.n; i++) {
		map_put(&granting, (struct str){(const char *)&q->granting.v[i], sizeof(int64_t)}, q);
	}
	queue_forget_jobs(q);
	size_t block = 0; /* both lists are by job */
	for (size_t i = 0; i < l->jobs.n; i++) {
		const struct queue_loaded_job *job = &l->jobs.v[i];
		struct str id = {(const char *)&job->job.id, sizeof(int64_t)};
		while (block < l->blocks.n && l->blocks.v[block].job < job->job.id) {
			block++;
		}
		if (block < l->blocks.n && l->blocks.v[block].job == job->job.id) {
			hold_back(q, l, job, block);
		} else if (!map_has(&granting, id)) {
			queue_push_loaded(q, job);
		}
	}
	map_finish(&granting);
}

static void add_lease(struct queue *q, struct live_lease *from)
{
	struct queue_agent *a = agent_by_id(q, from->lease.agent);
	struct queue_class *class = queue_class_of(q, from->row.needs);
	struct queue_lease *lease =
		queue_lease_add(q, a, &from->lease, &from->row, class, &from->arena);
	lease->may_have_log = true;
}

static void on_read(void *user, int code, const struct err *e)
{
	struct load *l = user;
	struct queue *q = l->queue;
	if (code == 0) {
		for (size_t i = 0; i < l->proofs.n; i++) {
			queue_canary_add_proof(q, str_from(l->proofs.v[i]));
		}
		for (size_t i = 0; i < l->agent_count; i++) {
			queue_read_agent(q, &l->agents[i]);
		}
		for (size_t i = 0; i < l->lease_count; i++) {
			add_lease(q, &l->leases[i]);
		}
		arena_finish(&q->target_arena);
		q->target_arena = l->target_arena;
		q->targets = l->targets;
		q->target_count = l->target_count;
		l->target_arena = (struct arena){0};
		merge_jobs(q, l);
		for (size_t i = 0; i < l->durations.n; i++) {
			queue_learn(queue_lane_of(q, l->durations.v[i].target), l->durations.v[i].seconds);
		}
		q->open = true;
	} else {
		log_error("queue", "%s", e->text);
	}
	if (l->done != NULL) {
		l->done(l->user, code, e);
	}
	if (code == 0 && !q->closing) {
		queue_match(q);
	}
	forget_read(l);
	vec_finish(&l->jobs);
	vec_finish(&l->blocks);
	vec_finish(&l->durations);
	vec_finish(&l->proofs);
	arena_finish(&l->target_arena);
	arena_finish(&l->arena);
	free(l);
	queue_ended(q);
}

static void start(struct queue *q, bool first,
	void (*done)(void *user, int code, const struct err *e), void *user)
{
	struct load *l = MEM_NEW(struct load);
	l->queue = q;
	l->first = first;
	l->done = done;
	l->user = user;
	queue_write(q, read_all, on_read, l);
}

void queue_load(
	struct queue *q, void (*ready)(void *user, int code, const struct err *e), void *user)
{
	struct err e = {0};
	if (file_make_folders(q->live_folder, &e) != 0) {
		/* Logs will be refused one by one, each with the reason; builds go on. */
		log_error("queue", "%s", e.text);
	}
	start(q, true, ready, user);
}

void queue_refresh(
	struct queue *q, void (*done)(void *user, int code, const struct err *e), void *user)
{
	start(q, false, done, user);
}

struct requeue {
	struct queue *queue;
	int64_t job;
	struct arena arena;
	struct store_job row;
	store_done_fn done;
	void *user;
};

static int write_requeue(struct store *s, void *user, struct err *e)
{
	struct requeue *r = user;
	int code = store_job_requeue(s, r->job, e);
	return code == 0 ? store_job_get(s, r->job, &r->arena, &r->row, e) : code;
}

static void on_requeued(void *user, int code, const struct err *e)
{
	struct requeue *r = user;
	struct queue *q = r->queue;
	if (code == 0) {
		struct queue_loaded_job loaded;
		queue_load_job(&r->row, &loaded);
		queue_push_loaded(q, &loaded);
	}
	if (r->done != NULL) {
		r->done(r->user, code, e);
	}
	queue_match(q);
	arena_finish(&r->arena);
	free(r);
	queue_ended(q);
}

void queue_requeue(struct queue *q, int64_t job, store_done_fn done, void *user)
{
	struct requeue *r = MEM_NEW(struct requeue);
	r->queue = q;
	r->job = job;
	r->done = done;
	r->user = user;
	queue_write(q, write_requeue, on_requeued, r);
}
