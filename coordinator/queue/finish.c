#include "coordinator/queue/parts.h"
#include "coordinator/store/log.h"
#include "coordinator/store/requires.h"
#include "coordinator/verify/verify.h"
#include "core/base/log.h"
#include "core/io/sha256.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of a failed stage's log so much is read for its reason, from the end. */
enum { CLASSIFY_BYTES = 4 << 20 };

/* A result on its way: first looked at on a worker, then written. */
struct finish {
	struct queue_end end;
	struct queue_agent *agent;
	struct buf body; /* what was sent, without the fence */
	struct result said;
	char *live_log; /* path of the growing log; NULL: there is none */
	struct queue_grant_new *next; /* the lease that goes with the answer, or NULL */
	int64_t next_slot; /* -1: none is wanted */
	bool same_version; /* the agent's program and this one */
	bool light; /* nothing to hash, open or read: not worth a thread */
	int next_code; /* of its write */
	struct str requires; /* of its clean wheel; NULL text: there is none */
	unsigned char requires_key[SHA256_BYTES];
	char log_sha256[SHA256_HEX];
	char log_blob[SHA256_HEX];
	struct classify_answer *classified;
	int code; /* of the look */
	struct err err;
	queue_lease_fn done;
	void *user;
};

static void finish_free(struct finish *f)
{
	struct queue *q = f->end.queue;
	queue_take_back_finish(&f->end.taken);
	arena_finish(&f->end.arena);
	buf_finish(&f->body);
	free(f->live_log);
	free(f->classified);
	free(f);
	queue_ended(q);
}

static void answer(struct finish *f, int code, const struct err *e)
{
	f->done(f->user, code, NULL, e);
	finish_free(f);
}

static void answer_err(void *user)
{
	struct finish *f = user;
	answer(f, f->err.code, &f->err);
}

/* --- on a worker --- */

/* The growing log becomes a blob; what the agent uploaded as its log is the better one, as pieces
 * may have been lost on the way. */
static int keep_log(struct finish *f)
{
	struct blob_store *blobs = f->end.queue->o.blobs;
	struct store_result_new *r = &f->end.result;
	uint64_t size = 0;
	const char *said = f->said.log_sha256;
	char *uploaded = said != NULL && blob_store_has(blobs, str_from(said), NULL)
		? blob_store_path(blobs, str_from(said))
		: NULL;
	const char *text = uploaded != NULL ? uploaded : f->live_log;
	int code = 0;
	if (text != NULL && access(text, R_OK) == 0) {
		code = sha256_of_file(text, f->log_sha256, &size, &f->err);
		if (code == 0) {
			code = store_log_keep(blobs, text, f->end.queue->live_folder, f->log_blob, &f->err);
		}
		if (code == 0) {
			r->log_sha256 = f->log_sha256;
			r->log_blob = f->log_blob;
			r->log_size = (int64_t)size;
		}
	}
	free(uploaded);
	return code;
}

/* Where the failed stage's part of the log lies; all of it if the agent did not say. */
static void stage_range(const struct finish *f, int64_t *from, int64_t *to)
{
	const struct result_stage *stages = f->said.stages.v;
	*from = 0;
	*to = f->end.result.log_size;
	for (size_t i = 0; i < f->said.stages.n; i++) {
		if (str_equal(str_from(stages[i].stage), str_from(f->end.result.stage)) &&
			stages[i].log_to > stages[i].log_from) {
			*from = stages[i].log_from;
			*to = stages[i].log_to;
		}
	}
	if (*to - *from > CLASSIFY_BYTES) {
		*from = *to - CLASSIFY_BYTES;
	}
}

static void classify(struct finish *f)
{
	struct store_result_new *r = &f->end.result;
	const struct queue_options *o = &f->end.queue->o;
	enum stage stage;
	r->reason = REASON_CODE_UNKNOWN;
	if (o->classify == NULL || r->log_sha256 == NULL || !stage_find(str_from(r->stage), &stage)) {
		return;
	}
	struct log_location where = {.sha256 = r->log_sha256, .blob = r->log_blob};
	struct buf text = {0};
	int64_t from = 0;
	int64_t to = 0;
	stage_range(f, &from, &to);
	if (store_log_read(o->blobs, &where, from, to, &text, NULL) == 0) {
		f->classified = MEM_NEW(struct classify_answer);
		o->classify(o->user, stage, buf_view(&text), f->classified);
		r->reason =
			f->classified->reason != REASON_NONE ? f->classified->reason : REASON_CODE_UNKNOWN;
		if (f->classified->line[0] != '\0' && r->line == NULL) {
			r->line = f->classified->line;
		}
	}
	buf_finish(&text);
}

/* An agent looks at its wheel with the same code (its stage `inspect`), so one of our version never
 * sends a pass that is none; one of another version may judge tags and floors otherwise, but knows a
 * wheel of the job from any other file. */
static bool no_honest_agent(const struct finish *f, enum reason reason)
{
	bool built_it = !job_is_wheel(&f->end.subject->row.outline);
	return built_it &&
		(f->same_version || reason == REASON_CODE_NO_WHEEL || reason == REASON_CODE_WRONG_WHEEL);
}

/* The coordinator's word takes the place of the agent's. A lie says nothing of the package: another
 * agent shall build it. */
static void overrule(struct finish *f, const struct verify_answer *found)
{
	struct store_result_new *r = &f->end.result;
	f->end.lied = true;
	f->end.fooled = no_honest_agent(f, found->reason);
	r->pass = false;
	r->stage = stage_name(STAGE_INSPECT);
	r->reason = f->end.fooled ? REASON_CODE_AGENT_FAULT : found->reason;
	r->line = found->line;
	r->proven = false;
}

static void look(void *user)
{
	struct finish *f = user;
	struct store_result_new *r = &f->end.result;
	const struct queue_lease *lease = f->end.subject; /* it stays while it is ending */
	struct verify_answer found = {0};
	const struct job *job = &lease->row.outline;
	if (job->source.filename == NULL) {
		f->code = err_set(&f->err, ERR_INVALID, "job %lld: its spec is of another program's time",
			(long long)lease->job);
		return;
	}
	f->code = verify_result(
		f->light ? NULL : f->end.queue->o.blobs, job, &f->said, &f->end.arena, &found, &f->err);
	if (f->code == 0) {
		f->code = keep_log(f);
	}
	if (f->code != 0) {
		return;
	}
	r->recipe_commit = job->recipe.commit;
	r->recipe_dirty = job->recipe.dirty;
	r->inspect = found.inspect;
	r->proven = found.proven;
	f->requires = found.requires;
	memcpy(f->requires_key, found.requires_key, sizeof(f->requires_key));
	if (r->pass && !found.ok) {
		overrule(f, &found);
	} else if (!r->pass && r->reason == REASON_NONE) {
		classify(f);
	}
}

/* --- on the loop, and the writer --- */

static int write_end(struct store *s, void *user, struct err *e)
{
	struct finish *f = user;
	int code = queue_end_write(s, &f->end, e);
	if (code == 0 && f->requires.p != NULL) {
		struct str package = str_from(f->end.subject->row.outline.package);
		code = store_requires_put(s, f->requires_key, package, f->requires, e);
	}
	if (code != 0 || f->next == NULL) {
		return code;
	}
	/* A job that is none any more takes nothing away from the result. */
	struct err problem = {0};
	f->next_code = queue_grant_write(s, f->next, &problem);
	return f->next_code == 0 || f->next_code == ERR_CONFLICT
		? 0
		: err_set(e, f->next_code, "%s", problem.text);
}

/* The end is written; what goes out with the answer? */
static void hand_over(struct finish *f)
{
	struct queue *q = f->end.queue;
	if (f->next == NULL || f->next_code != 0) {
		if (f->next != NULL) {
			queue_grant_failed(f->next, f->next_code);
		}
		f->done(f->user, 0, NULL, NULL);
		return;
	}
	struct queue_lease *lease = queue_grant_apply(f->next);
	if (q->closing || f->agent->state != STORE_AGENT_ACTIVE) {
		f->done(f->user, 0, NULL, NULL);
		queue_lease_give_back(lease);
		return;
	}
	struct buf json = {0};
	queue_tell(q, QUEUE_LEASED, lease, &(struct queue_event){0});
	queue_grant_json(lease, &json);
	struct queue_grant grant = {.job = lease->job, .fence = lease->fence, .json = buf_view(&json)};
	f->done(f->user, 0, &grant, NULL);
	buf_finish(&json);
}

static void on_written(void *user, int code, const struct err *e)
{
	struct finish *f = user;
	struct queue *q = f->end.queue;
	if (code == 0) {
		if (f->end.result.log_sha256 != NULL && f->live_log != NULL) {
			(void)unlink(f->live_log);
		}
		queue_end_apply(q, &f->end);
		hand_over(f);
	} else {
		queue_end_failed(q, &f->end, code);
		if (f->next != NULL) {
			queue_grant_failed(f->next, code == ERR_CONFLICT ? ERR_DATABASE : code);
		}
		f->done(f->user, code, NULL, e);
	}
	queue_match(q);
	finish_free(f);
}

static void on_canary_written(void *user, int code, const struct err *e)
{
	struct finish *f = user;
	if (code == 0 && f->live_log != NULL) {
		(void)unlink(f->live_log); /* the line says why, and the agent has its own log */
	}
	f->done(f->user, code, NULL, e);
	finish_free(f);
}

/* Writes the end, and the next lease in the same transaction if one is to be had. */
static void write_it(struct finish *f)
{
	struct queue *q = f->end.queue;
	if (f->end.subject->canary != NULL) {
		q->under_way++; /* until finish_free; the write counts for itself */
		queue_canary_end(q, f->end.subject, &f->end.result, on_canary_written, f);
		return;
	}
	f->end.now = queue_now(q);
	f->end.result.accepted = f->end.now;
	queue_end_decide(&f->end);
	queue_release_delayed(q);
	bool fine = f->agent->said_hello && f->agent->state == STORE_AGENT_ACTIVE && !f->end.lied;
	if (queue_has_slot(f->agent, f->next_slot) && fine) {
		f->next = queue_grant_start(q, f->agent, f->next_slot);
	}
	queue_write(q, write_end, on_written, f);
}

static void answer_look(void *user)
{
	struct finish *f = user;
	f->end.subject->ending = false;
	answer(f, f->code, &f->err);
}

static void on_looked(void *user)
{
	struct finish *f = user;
	struct queue *q = f->end.queue;
	if (f->code != 0) {
		answer_look(f);
		return;
	}
	write_it(f);
	queue_ended(q); /* the look; the write is under way */
}

/* The lease is not live: perhaps this result was accepted before and the answer got lost. */
static int read_repeat(struct store *s, void *user, struct err *e)
{
	struct finish *f = user;
	struct store_lease lease;
	struct buf old = {0};
	int code = store_lease_get(s, str_from(f->said.fence), &f->end.arena, &lease, NULL);
	if (code == 0 && lease.agent == f->end.agent) {
		code = store_result_find(s, lease.id, &old, NULL);
	} else if (code == 0) {
		code = ERR_NOT_FOUND;
	}
	if (code == ERR_NOT_FOUND || (code == 0 && !str_equal(buf_view(&f->body), buf_view(&old)))) {
		code = err_set(e, ERR_LEASE_LOST, "this lease has ended");
	}
	buf_finish(&old);
	return code;
}

static void on_repeat(void *user, int code, const struct err *e)
{
	answer(user, code, e);
}

static void fill(struct finish *f, struct queue_lease *lease)
{
	struct store_result_new *r = &f->end.result;
	enum reason reason = REASON_NONE;
	(void)reason_find(str_from(f->said.reason), &reason);
	*r = (struct store_result_new){
		.job = lease->job,
		.lease = lease->id,
		.said = &f->said,
		.body = buf_view(&f->body),
		.pass = str_is(str_from(f->said.state), "pass"),
		.stage = f->said.stage,
		.reason = reason,
		.line = f->said.line,
	};
	f->end.subject = lease;
	f->end.lease = lease->id;
	if (lease->may_have_log || lease->log_fd >= 0) {
		f->live_log = store_log_live_path(f->end.queue->live_folder, lease->job, lease->attempt);
	}
}

static bool is_light(const struct finish *f)
{
	const struct job *job = &f->end.subject->row.outline;
	if (f->said.files.n != 0 || f->live_log != NULL || f->said.log_sha256 != NULL) {
		return false;
	}
	return !job_is_wheel(job) ||
		!blob_store_has(f->end.queue->o.blobs, str_from(job->source.sha256), NULL);
}

void queue_result(struct queue *q, struct queue_agent *a, struct str json, int64_t next,
	queue_lease_fn done, void *user)
{
	struct finish *f = MEM_NEW(struct finish);
	f->end.queue = q;
	f->end.agent = a->id;
	f->agent = a;
	f->same_version =
		a->hello.version != NULL && str_is(str_from(a->hello.version), WHEELFARM_VERSION);
	f->next_slot = next;
	f->done = done;
	f->user = user;
	if (result_read(json, &f->end.arena, &f->said, &f->err) != 0) {
		queue_soon(q, answer_err, f);
		return;
	}
	store_result_body(json, f->said.fence, &f->body);
	struct queue_lease *lease = queue_lease_find(a, str_from(f->said.fence));
	if (lease != NULL && lease->ending) {
		err_set(&f->err, ERR_BUSY, "this lease is being ended");
		queue_soon(q, answer_err, f);
	} else if (queue_lease_live(q, a, str_from(f->said.fence), &lease, NULL) != 0) {
		queue_write(q, read_repeat, on_repeat, f);
	} else {
		lease->ending = true;
		fill(f, lease);
		f->light = is_light(f);
		if (!f->light) {
			queue_work(q, look, on_looked, f);
			return;
		}
		look(f);
		if (f->code != 0) {
			queue_soon(q, answer_look, f);
		} else {
			write_it(f);
		}
	}
}
