#include "agent/daemon.h"

#include "agent/capabilities.h"
#include "agent/host.h"
#include "agent/workspace.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/io/file.h"

#include <stdlib.h>

static void say_hello(uv_timer_t *timer);

static void close_all(struct daemon *d)
{
	if (d->ending) {
		return;
	}
	d->ending = true;
	for (size_t i = 0; i < d->slot_count; i++) {
		slot_close(&d->slots[i]);
	}
	if (d->signals_open) {
		host_stop_through(NULL, NULL);
		loop_signals_stop(&d->signals);
	}
	uv_close((uv_handle_t *)&d->hello, NULL);
	client_finish(&d->client);
}

void daemon_slot_over(struct daemon *d)
{
	for (size_t i = 0; i < d->slot_count; i++) {
		if (d->slots[i].state != SLOT_OVER) {
			return;
		}
	}
	close_all(d);
}

static void step_all(struct daemon *d)
{
	for (size_t i = 0; i < d->slot_count && !d->ending; i++) {
		slot_step(&d->slots[i]);
	}
}

void daemon_stop(struct daemon *d, int code)
{
	d->stopping = true;
	if (code != 0) {
		d->code = code;
	}
	for (size_t i = 0; i < d->slot_count; i++) {
		struct slot *s = &d->slots[i];
		/* who waits for a lease or for a try is not waited for: an answer that comes is dropped */
		if (s->state == SLOT_ASK || s->state == SLOT_WAIT) {
			s->state = SLOT_OVER;
			s->busy = false;
			uv_timer_stop(&s->retry);
			if (s->request != NULL) {
				fetch_cancel(s->request); /* so that the coordinator grants nothing more */
			}
		}
	}
	step_all(d);
}

void daemon_forget(struct daemon *d)
{
	d->greeted = false;
	if (!d->hello_busy) {
		d->hello_busy = true;
		uv_timer_start(&d->hello, say_hello, 0, 0);
	}
}

/* --- hello --- */

static void on_hello(void *user, const struct client_reply *reply)
{
	struct daemon *d = user;
	struct arena a = {0};
	struct welcome welcome = {0};
	struct err e = {0};
	d->hello_busy = false;
	switch (reply->kind) {
	case CLIENT_STOPPED:
		return;
	case CLIENT_OK:
		if (message_read(reply->body, welcome_fields, "welcome", &welcome, &a, &e) != 0) {
			log_error("agent", "%s", e.text);
			daemon_stop(d, AGENT_WORLD);
			break;
		}
		d->greeted = true;
		d->hello_tries = 0;
		d->heartbeat_s = welcome.heartbeat_s;
		log_info("agent", "%s at %s", welcome.agent != NULL ? welcome.agent : d->agent->config.name,
			d->agent->config.coordinator);
		step_all(d);
		break;
	case CLIENT_DENIED:
		log_error("agent",
			"%s: this agent is not let in (token, or version %d of the protocol): %s",
			d->agent->config.coordinator, PROTOCOL_VERSION, reply->text);
		daemon_stop(d, AGENT_WORLD);
		break;
	case CLIENT_OVER:
		daemon_stop(d, 0);
		break;
	case CLIENT_AGAIN:
	case CLIENT_UNKNOWN:
	case CLIENT_LOST:
	case CLIENT_BAD: {
		uint64_t ms = client_backoff_ms(++d->hello_tries, reply->retry_after_s);
		log_warn("agent", "%s: %s; again in %.1f s", d->agent->config.coordinator, reply->text,
			(double)ms / 1e3);
		d->hello_busy = true;
		uv_timer_start(&d->hello, say_hello, ms, 0);
		break;
	}
	}
	arena_finish(&a);
}

static void say_hello(uv_timer_t *timer)
{
	struct daemon *d = timer->data;
	if (d->stopping) {
		d->hello_busy = false;
		return;
	}
	struct arena a = {0};
	struct hello hello = {
		.protocol = PROTOCOL_VERSION,
		.version = WHEELFARM_VERSION,
		.clock = clock_wall_ms(),
		.slots = (int64_t)d->slot_count,
	};
	capabilities_find(d->agent, &a, &hello.capabilities);
	struct buf body = {0};
	message_write(&body, hello_fields, &hello);
	struct client_request request = {
		.method = "POST",
		.path = "/hello",
		.body = buf_view(&body),
		.done = on_hello,
		.user = d,
	};
	d->hello_busy = true;
	client_send(&d->client, &request);
	buf_finish(&body);
	arena_finish(&a);
}

/* --- life --- */

static void on_stop(struct loop_signals *signals, int number)
{
	struct daemon *d = signals->user;
	bool drain = d->agent->config.drain;
	log_info("agent", "told to stop: %s", drain ? "what runs is finished first" : "at once");
	if (!drain) {
		for (size_t i = 0; i < d->slot_count; i++) {
			slot_cancel(&d->slots[i]);
		}
	}
	daemon_stop(d, 0);
}

static void ask_to_stop(void *user)
{
	loop_signals_ask(user);
}

int daemon_run(struct agent *agent, bool once, struct err *e)
{
	struct daemon d = {.agent = agent, .once = once};
	const char *workspace = agent->config.workspace;
	int code = file_make_folders(workspace, e);
	if (code != 0) {
		return AGENT_WORLD;
	}
	workspace_clean(workspace);
	d.slot_count = once ? 1 : (size_t)agent->config.slots;
	d.slots = mem_new(d.slot_count, sizeof(*d.slots));
	code = loop_signals_start(agent->loop, &d.signals, on_stop, &d, e);
	if (code != 0) {
		free(d.slots);
		return AGENT_WORLD;
	}
	d.signals_open = true;
	host_stop_through(ask_to_stop, &d.signals);
	client_init(&d.client, agent->loop, &agent->config);
	for (size_t i = 0; i < d.slot_count; i++) {
		slot_init(&d.slots[i], &d, (int64_t)i);
	}
	uv_timer_init(agent->loop, &d.hello);
	d.hello.data = &d;
	say_hello(&d.hello);
	uv_run(agent->loop, UV_RUN_DEFAULT);
	free(d.slots);
	return d.code;
}
