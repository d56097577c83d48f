#include "agent/slot.h"

#include "agent/daemon.h"
#include "core/base/clock.h"
#include "core/base/log.h"

#include <string.h>

enum {
	LEASE_WAIT_S = 30,
	LEASE_TIMEOUT_MS = 45000,
};

void slot_init(struct slot *s, struct daemon *daemon, int64_t number)
{
	*s = (struct slot){.daemon = daemon, .number = number, .state = SLOT_ASK};
	uv_timer_t *const timers[] = {&s->retry, &s->heartbeat, &s->log_retry};
	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++) {
		uv_timer_init(daemon->agent->loop, timers[i]);
		timers[i]->data = s;
	}
}

void slot_close(struct slot *s)
{
	uv_close((uv_handle_t *)&s->retry, NULL);
	uv_close((uv_handle_t *)&s->heartbeat, NULL);
	uv_close((uv_handle_t *)&s->log_retry, NULL);
}

static void step_later(uv_timer_t *timer)
{
	struct slot *s = timer->data;
	s->busy = false;
	slot_step(s);
}

void slot_retry(struct slot *s, const struct client_reply *reply, const char *what)
{
	s->tries++;
	uint64_t ms = client_backoff_ms(s->tries, reply->retry_after_s);
	log_warn("agent", "slot %lld: %s: %s; again in %.1f s", (long long)s->number, what, reply->text,
		(double)ms / 1e3);
	s->busy = true;
	uv_timer_start(&s->retry, step_later, ms, 0);
}

/* --- asking --- */

static void on_run_end(void *user)
{
	struct slot *s = user;
	s->run_ended = true;
	s->state = s->lost ? SLOT_CLEAN : SLOT_LOG;
	slot_step(s);
}

static void on_stage(void *user, enum stage stage)
{
	struct slot *s = user;
	s->stage = stage_name(stage);
	slot_heartbeat_start(s);
}

static void on_log(void *user)
{
	slot_log(user);
}

static void on_blob(void *user, int code, const struct err *e)
{
	struct slot *s = user;
	s->blob = NULL;
	job_run_blob_done(s->run, code, e);
}

static void get_blob(void *user, const char *sha256, const char *path, struct job_run *run)
{
	struct slot *s = user;
	s->blob = client_blob_start(&s->daemon->client, sha256, path, on_blob, s);
}

static void start_run(struct slot *s)
{
	struct agent *agent = s->daemon->agent;
	struct job_run_setup setup = {
		.loop = agent->loop,
		.config = &agent->config,
		.job = &s->lease.job,
		.slot = s->number,
		.program = agent->program,
		.sandbox = agent->sandbox,
		.own_uid = agent->own_uid,
		.exposed = &agent->exposed,
		.get_blob = get_blob,
		.on_log = on_log,
		.on_stage = on_stage,
		.on_end = on_run_end,
		.user = s,
	};
	log_info("agent", "slot %lld: job %lld: %s %s for %s", (long long)s->number,
		(long long)s->lease.job.id, s->lease.job.package, s->lease.job.version,
		s->lease.job.target.name);
	s->state = SLOT_RUN;
	s->stage = stage_name(STAGE_FETCH);
	s->run = job_run_start(&setup);
	slot_heartbeat_start(s);
}

static void start_lease(struct slot *s)
{
	s->tries = 0;
	s->lost = s->run_ended = s->log_refused = false;
	s->log_sent = s->offset = s->file = 0;
	s->log_tries = 0;
	start_run(s);
}

static void take_lease(struct slot *s, struct str body)
{
	struct err e = {0};
	s->lease = (struct lease){0};
	int code = message_read(body, lease_fields, "lease", &s->lease, &s->arena, &e);
	if (code == 0 && s->lease.fence == NULL) {
		code = err_set(&e, ERR_INVALID, "lease: no fence");
	}
	if (code != 0) {
		/* the lease runs out by itself; asking again at once would get another one like it */
		log_error("agent", "slot %lld: %s", (long long)s->number, e.text);
		struct client_reply reply = {.retry_after_s = -1, .text = e.text};
		slot_retry(s, &reply, "lease");
		return;
	}
	start_lease(s);
}

static void on_lease(void *user, const struct client_reply *reply)
{
	struct slot *s = user;
	s->request = NULL;
	if (s->state != SLOT_WAIT) {
		return; /* told to stop meanwhile: a lease that still comes runs out by itself */
	}
	s->busy = false;
	s->state = SLOT_ASK;
	switch (reply->kind) {
	case CLIENT_OK:
		if (reply->status == 204) {
			s->tries = 0;
			if (s->daemon->once) {
				log_info("agent", "nothing to do");
				daemon_stop(s->daemon, 0);
			}
			break;
		}
		take_lease(s, reply->body);
		return;
	case CLIENT_OVER:
		log_info("agent", "slot %lld: no job will come any more", (long long)s->number);
		s->state = SLOT_OVER;
		break;
	case CLIENT_DENIED:
		log_error("agent", "the coordinator does not want this agent: %s", reply->text);
		daemon_stop(s->daemon, AGENT_WORLD);
		break;
	case CLIENT_STOPPED:
		return;
	case CLIENT_AGAIN:
	case CLIENT_UNKNOWN:
		if (reply->status == 0 || reply->kind == CLIENT_UNKNOWN) {
			daemon_forget(s->daemon);
		}
		slot_retry(s, reply, "lease");
		return;
	case CLIENT_LOST:
	case CLIENT_BAD:
		slot_retry(s, reply, "lease");
		return;
	}
	slot_step(s);
}

static void ask(struct slot *s)
{
	if (s->daemon->stopping) {
		s->state = SLOT_OVER;
		slot_step(s);
		return;
	}
	if (!s->daemon->greeted) {
		return; /* the daemon steps every slot when it is */
	}
	const char *workspace = s->daemon->agent->config.workspace;
	struct lease_request request = {
		.slot = s->number,
		.wait_s = LEASE_WAIT_S,
		.free_disk_mb = (int64_t)(workspace_free_bytes(workspace) >> 20),
	};
	struct buf body = {0};
	message_write(&body, lease_request_fields, &request);
	struct client_request out = {
		.method = "POST",
		.path = "/lease",
		.body = buf_view(&body),
		.timeout_ms = LEASE_TIMEOUT_MS,
		.done = on_lease,
		.user = s,
	};
	s->state = SLOT_WAIT;
	s->busy = true;
	s->request = client_send(&s->daemon->client, &out);
	buf_finish(&body);
}

/* --- the end of a job --- */

static void on_cleaned(void *user)
{
	struct slot *s = user;
	arena_finish(&s->arena);
	s->run = NULL;
	s->busy = false;
	s->tries = 0;
	s->state = s->daemon->once && !s->lease.canary ? SLOT_OVER : SLOT_ASK;
	bool has_next = s->next.fence != NULL;
	s->arena = s->next_arena;
	s->lease = s->next;
	s->next_arena = (struct arena){0};
	s->next = (struct lease){0};
	if (has_next && (!s->daemon->stopping || s->daemon->agent->config.drain)) {
		start_lease(s); /* it is ours already, and is finished like any other */
	} else {
		arena_finish(&s->arena);
		slot_step(s);
	}
}

static void clean(struct slot *s)
{
	if (s->heartbeat_busy || s->log_busy || s->blob != NULL || !s->run_ended) {
		return; /* their callbacks step again */
	}
	uv_timer_stop(&s->heartbeat);
	s->busy = true;
	job_run_destroy(s->run, false, on_cleaned, s);
}

/* Nothing of this job is waited for any more: what is under way comes back as CLIENT_STOPPED, what
 * was to be tried again is not. */
static void stop_requests(struct slot *s)
{
	uv_timer_stop(&s->heartbeat);
	if (uv_is_active((uv_handle_t *)&s->retry)) {
		uv_timer_stop(&s->retry);
		s->busy = false;
	}
	if (uv_is_active((uv_handle_t *)&s->log_retry)) {
		uv_timer_stop(&s->log_retry);
		s->log_busy = false;
	}
	struct fetch_transfer *const requests[] = {s->request, s->heartbeat_request, s->log_request};
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		if (requests[i] != NULL) {
			fetch_cancel(requests[i]);
		}
	}
	if (s->blob != NULL) {
		client_blob_cancel(s->blob);
	}
}

void slot_lose(struct slot *s, const char *why)
{
	if (s->lost || s->state == SLOT_CLEAN) {
		return;
	}
	s->lost = true;
	log_warn("agent", "slot %lld: job %lld dropped: %s", (long long)s->number,
		(long long)s->lease.job.id, why);
	if (!s->run_ended) {
		job_run_cancel(s->run);
	}
	stop_requests(s);
}

void slot_cancel(struct slot *s)
{
	if (s->run != NULL) {
		slot_lose(s, "the agent ends");
		slot_step(s);
	}
}

/* A lease that can no longer be renewed is gone, whatever we still wait for. */
static bool is_expired(const struct slot *s)
{
	return s->lease.hard_deadline != 0 && clock_wall_ms() > s->lease.hard_deadline;
}

void slot_step(struct slot *s)
{
	if (s->daemon->ending) {
		return;
	}
	bool reporting = s->state >= SLOT_LOG && s->state <= SLOT_RESULT;
	if (reporting && !s->lost && is_expired(s)) {
		slot_lose(s, "its lease cannot be renewed any more");
	}
	if (s->lost && s->run_ended && s->run != NULL) {
		s->state = SLOT_CLEAN;
	}
	if (s->busy) {
		return;
	}
	switch (s->state) {
	case SLOT_ASK:
		ask(s);
		break;
	case SLOT_WAIT:
	case SLOT_RUN:
		break;
	case SLOT_LOG:
		slot_log(s);
		if (!slot_log_is_sent(s)) {
			break;
		}
		s->tries = 0;
		job_run_result(s->run, &s->result);
		s->result.fence = s->lease.fence;
		s->state = SLOT_CHECK;
		slot_step(s);
		break;
	case SLOT_CHECK:
		if (s->file == s->result.files.n) {
			s->state = SLOT_RESULT;
			slot_send_result(s);
		} else {
			slot_check_file(s);
		}
		break;
	case SLOT_FILE:
		slot_send_piece(s);
		break;
	case SLOT_RESULT:
		slot_send_result(s);
		break;
	case SLOT_CLEAN:
		clean(s);
		break;
	case SLOT_OVER:
		daemon_slot_over(s->daemon);
		break;
	}
}
