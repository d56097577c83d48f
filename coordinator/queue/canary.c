/* Canaries: an agent gets jobs of a kind only after a small build of that kind passed on it. The lease of
 * a canary lives in memory alone: of a coordinator that ends nothing remains but a lease that is lost. */
#include "coordinator/queue/parts.h"
#include "coordinator/store/proof.h"
#include "core/base/log.h"
#include "core/io/sha256.h"

#include <stdlib.h>
#include <string.h>

enum { AGAIN_MOST_S = 3600, HARD_S = 3600, LINE_BYTES = 400 };

enum proof { PROOF_NOT_CLAIMED = 1, PROOF_DUE, PROOF_OUT /* it has its lease */, PROOF_FINE };

/* What must be the same for a proof to hold. Agents that this process starts are all this machine's. */
static void make_key(
	const struct queue_canary *c, const struct queue_agent *a, char out[static SHA256_HEX])
{
	const char *identity = a->hello.capabilities.identity;
	const char *const parts[] = {
		c->key, identity != NULL ? identity : a->hello.version, a->local ? "" : a->name};
	struct sha256 *h = sha256_create();
	unsigned char digest[SHA256_BYTES];
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		const char *part = parts[i] != NULL ? parts[i] : "";
		sha256_add(h, part, strlen(part) + 1);
	}
	sha256_end(h, digest);
	sha256_hex(digest, out);
	sha256_destroy(h);
}

static enum proof find_proof(
	const struct queue *q, const struct queue_agent *a, const struct queue_canary *c)
{
	char key[SHA256_HEX];
	if (a->trust == QUEUE_TRUST_NOBODY || !store_needs_met(&c->needs, &a->hello.capabilities)) {
		return PROOF_NOT_CLAIMED;
	}
	if (a->trust == QUEUE_TRUST_PROOFS) {
		make_key(c, a, key);
		return map_has(&q->proofs, str_from(key)) ? PROOF_FINE : PROOF_DUE;
	}
	return a->trust == QUEUE_TRUST_ALL ? PROOF_FINE : PROOF_DUE;
}

/* The first canary of that state; the count of them if none is. */
static size_t find(const struct queue *q, struct queue_agent *a, enum proof state)
{
	size_t i = 0;
	while (a->proofs.n < q->o.canary_count) {
		size_t next = a->proofs.n;
		*vec_add(&a->proofs) = (signed char)find_proof(q, a, &q->o.canaries[next]);
	}
	while (i < q->o.canary_count && a->proofs.v[i] != (signed char)state) {
		i++;
	}
	return i;
}

bool queue_canary_is_due(const struct queue *q, struct queue_agent *a)
{
	return a->said_hello &&
		(find(q, a, PROOF_DUE) < q->o.canary_count || find(q, a, PROOF_OUT) < q->o.canary_count);
}

void queue_canary_gone(struct queue *q, struct queue_lease *lease)
{
	size_t index = (size_t)(lease->canary - q->o.canaries);
	struct queue_agent *a = lease->agent;
	if (index < a->proofs.n && a->proofs.v[index] == PROOF_OUT) {
		a->proofs.v[index] = PROOF_DUE;
	}
}

void queue_canary_trust(struct queue_agent *a, enum queue_trust trust)
{
	a->trust = trust;
	a->proofs.n = 0;
}

void queue_canary_add_proof(struct queue *q, struct str key)
{
	map_put(&q->proofs, key, q);
}

/* --- its lease --- */

struct offer {
	struct queue_wait *wait;
	struct queue_lease *lease;
};

static void tell_offer(void *user)
{
	struct offer *o = user;
	struct queue_wait *w = o->wait;
	struct queue *q = w->queue;
	o->lease->ending = false;
	if (w->done == NULL || q->closing || w->agent->state == STORE_AGENT_REVOKED) {
		queue_lease_remove(q, o->lease);
		queue_wait_answer(w, ERR_CANCELLED);
	} else {
		struct buf json = {0};
		queue_grant_json(o->lease, &json);
		struct queue_grant grant = {
			.job = o->lease->job, .fence = o->lease->fence, .json = buf_view(&json)};
		w->done(w->user, 0, &grant, NULL);
		buf_finish(&json);
		free(w);
	}
	free(o);
	queue_ended(q);
}

static struct queue_lease *make_lease(
	struct queue *q, struct queue_agent *a, int64_t slot, size_t index)
{
	const struct queue_canary *c = &q->o.canaries[index];
	struct arena arena = {0};
	int64_t now = queue_now(q);
	struct store_lease row = {
		.agent = a->id,
		.job = QUEUE_CANARY_JOB,
		.attempt = (now << 16) + (q->canaries++ & 0xffff), /* names its growing log */
		.granted = now,
		.deadline = now + q->o.lease_s * 1000,
		.hard_deadline = now + HARD_S * 1000,
	};
	row.fence = queue_make_fence(q, row.job, &arena);
	struct store_leased job = {.needs = c->needs_text, .spec = c->spec};
	struct err e = {0};
	if (job_read(str_from(c->spec), &arena, &job.outline, &e) != 0) {
		mem_bug("canary for %s: %s", c->target, e.text);
	}
	struct queue_lease *lease =
		queue_lease_add(q, a, &row, &job, queue_class_of(q, c->needs_text), &arena);
	lease->canary = c;
	lease->slot = slot;
	lease->ending = true; /* until the agent has it: nobody else may end it */
	a->proofs.v[index] = PROOF_OUT;
	return lease;
}

bool queue_canary_offer(struct queue *q, struct queue_wait *w)
{
	struct queue_agent *a = w->agent;
	size_t index = a->said_hello ? find(q, a, PROOF_DUE) : q->o.canary_count;
	if (index == q->o.canary_count || q->closing || queue_now(q) < a->canary_not_before) {
		return false;
	}
	struct offer *o = MEM_NEW(struct offer);
	*o = (struct offer){.wait = w, .lease = make_lease(q, a, w->slot, index)};
	log_info("queue", "agent %s: a canary for %s", a->name, o->lease->canary->target);
	queue_soon(q, tell_offer, o);
	return true;
}

static void not_before(struct queue *q, struct queue_agent *a)
{
	int64_t rest = q->o.retry_s << (a->canary_fails < 12 ? a->canary_fails : 12);
	a->canary_not_before = queue_now(q) + 1000 * (rest < AGAIN_MOST_S ? rest : AGAIN_MOST_S);
	a->canary_fails++;
}

void queue_canary_expire(struct queue *q, struct queue_lease *lease, const char *why)
{
	struct queue_agent *a = lease->agent;
	/* that an agent went away says nothing of its toolchain */
	log_warn("queue", "agent %s: its canary ended without a result: %s", a->name, why);
	not_before(q, a);
	queue_lease_remove(q, lease);
}

/* --- its end --- */

struct canary_end {
	struct queue *queue;
	struct queue_agent *agent; /* the loop's */
	struct queue_lease *lease;
	int64_t id;
	char *name;
	const char *target;
	char key[SHA256_HEX];
	bool pass;
	bool active_again; /* it was in quarantine, and this was the last proof that lacked */
	char *why;
	int64_t now;
	store_done_fn done;
	void *user;
};

static int write_end(struct store *s, void *user, struct err *e)
{
	struct canary_end *end = user;
	if (!end->pass) {
		int code = store_proof_drop(s, end->key, e);
		return code == 0 ? store_agent_quarantine(s, end->id, end->why, false, e) : code;
	}
	int code = store_proof_add(s, end->key, end->name, end->target, end->now, e);
	if (code == 0) {
		code = store_agent_proved(s, end->id, end->now, e);
	}
	if (code == 0 && end->active_again) {
		code = store_agent_set_state(s, end->id, STORE_AGENT_ACTIVE, e);
	}
	return code == 0 && end->active_again ? store_agent_fine(s, end->id, e) : code;
}

static void apply(struct queue *q, const struct canary_end *end)
{
	struct queue_agent *a = end->agent;
	if (!end->pass) {
		if (a->state == STORE_AGENT_ACTIVE) {
			a->state = STORE_AGENT_QUARANTINED;
		}
		queue_canary_trust(a, QUEUE_TRUST_NOTHING);
		not_before(q, a);
		log_warn("queue", "agent %s gets no jobs: %s", a->name, end->why);
		return;
	}
	size_t index = (size_t)(end->lease->canary - q->o.canaries);
	if (index < a->proofs.n) {
		a->proofs.v[index] = PROOF_FINE;
	}
	queue_canary_add_proof(q, str_from(end->key));
	a->canary_fails = 0;
	a->canary_not_before = 0;
	if (end->active_again && a->state == STORE_AGENT_QUARANTINED) {
		a->state = STORE_AGENT_ACTIVE;
		a->faults = 0;
		a->trust = QUEUE_TRUST_PROOFS;
		log_info("queue", "agent %s: its canaries passed, it gets jobs again", a->name);
	}
	q->rematch = true;
}

static void on_end(void *user, int code, const struct err *e)
{
	struct canary_end *end = user;
	struct queue *q = end->queue;
	if (code == 0) {
		apply(q, end);
		queue_lease_remove(q, end->lease);
	} else {
		end->lease->ending = false;
	}
	end->done(end->user, code, e);
	queue_match(q);
	free(end->name);
	free(end->why);
	free(end);
	queue_ended(q);
}

void queue_canary_end(struct queue *q, struct queue_lease *lease,
	const struct store_result_new *result, store_done_fn done, void *user)
{
	struct queue_agent *a = lease->agent;
	struct canary_end *end = MEM_NEW(struct canary_end);
	*end = (struct canary_end){
		.queue = q,
		.agent = a,
		.lease = lease,
		.id = a->id,
		.name = str_dup(str_from(a->name)),
		.target = lease->canary->target,
		.pass = result->pass,
		.now = queue_now(q),
		.done = done,
		.user = user,
	};
	make_key(lease->canary, a, end->key);
	size_t due = 0;
	(void)find(q, a, PROOF_DUE);
	for (size_t i = 0; i < a->proofs.n; i++) {
		bool lacks = a->proofs.v[i] == PROOF_DUE || a->proofs.v[i] == PROOF_OUT;
		due += lacks && &q->o.canaries[i] != lease->canary ? 1 : 0;
	}
	end->active_again = end->pass && a->state == STORE_AGENT_QUARANTINED && due == 0;
	if (!end->pass) {
		struct buf why = {0};
		buf_printf(&why, "its canary for %s failed in %s: %s%s", end->target,
			result->stage != NULL ? result->stage : "no stage", reason_code(result->reason),
			result->line != NULL ? ": " : "");
		buf_add_utf8(&why, str_slice(str_from(result->line), 0, LINE_BYTES));
		end->why = buf_take(&why);
	}
	queue_write(q, write_end, on_end, end);
}
