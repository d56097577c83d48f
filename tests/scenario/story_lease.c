#include "story.h"

#include "coordinator/queue/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hold(struct story *t, struct actor *a, const struct queue_grant *grant)
{
	struct held *h = &t->held[t->held_count++ % MOST_HELD];
	*h = (struct held){.actor = a, .job = grant->job};
	snprintf(h->fence, sizeof(h->fence), "%s", grant->fence);
}

static void on_lease(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	const struct ticket *ticket = user;
	struct actor *a = ticket->actor;
	if (ticket->serial != a->asked) {
		return; /* overtaken by the next request */
	}
	a->answered = true;
	a->wait = NULL;
	a->code = code;
	if (code == 0) {
		a->granted = grant->job;
		hold(a->story, a, grant);
	}
}

static void tell_answer(struct story *t, struct actor *a)
{
	if (!a->answered) {
		buf_add_text(&t->got, "waits");
	} else {
		buf_add_text(
			&t->got, a->code == 0 ? story_job_name(t, a->granted) : fixture_code_word(a->code));
	}
}

static struct ticket *ticket(struct story *t, struct actor *a)
{
	struct ticket *fresh = &t->tickets[t->ticket_count++ % MOST_HELD];
	*fresh = (struct ticket){a, ++a->asked};
	return fresh;
}

/* The first slot that holds nothing, as an agent would ask for it. */
static int64_t free_slot(const struct queue_agent *a)
{
	int64_t slot = 0;
	for (size_t i = 0; i < a->leases.n; i++) {
		if (a->leases.v[i]->slot == slot) {
			slot++;
			i = (size_t)-1;
		}
	}
	return slot;
}

/* lease AGENT [slot=N] [wait=S] */
void story_lease(struct story *t)
{
	struct actor *a = story_actor(t, story_word(t, 1));
	int64_t slot = story_option(t, "slot") != NULL ? story_number(story_option(t, "slot"))
												   : free_slot(a->agent);
	struct lease_request request = {.slot = slot, .wait_s = story_number(story_option(t, "wait"))};
	a->answered = false;
	a->wait = queue_lease(t->farm.queue, a->agent, &request, on_lease, ticket(t, a));
	fixture_settle(&t->farm);
	tell_answer(t, a);
}

void story_answer(struct story *t)
{
	tell_answer(t, story_actor(t, story_word(t, 1)));
}

void story_hangup(struct story *t)
{
	struct actor *a = story_actor(t, story_word(t, 1));
	if (a->wait == NULL) {
		story_complain(t, "%s does not wait", a->name);
		return;
	}
	queue_lease_cancel(t->farm.queue, a->wait);
	a->wait = NULL;
	fixture_settle(&t->farm);
	buf_add_text(&t->got, "ok");
}

/* A client that goes away while its lease is being written. */
void story_lease_hangup(struct story *t)
{
	struct actor *a = story_actor(t, story_word(t, 1));
	struct lease_request request = {.slot = free_slot(a->agent), .wait_s = 10};
	struct queue_wait *w = queue_lease(t->farm.queue, a->agent, &request, on_lease, ticket(t, a));
	queue_lease_cancel(t->farm.queue, w);
	fixture_settle(&t->farm);
	buf_add_text(&t->got, "ok");
}

static void on_beat(void *user, int code, const struct heartbeat_reply *reply, const struct err *e)
{
	story_told(user, code, e);
}

void story_beat(struct story *t)
{
	struct actor *a = story_actor(t, story_word(t, 1));
	struct heartbeat beat = {
		.fence = story_fence(t, a, story_word(t, 2)), .stage = story_word(t, 3)};
	queue_heartbeat(t->farm.queue, a->agent, &beat, on_beat, &t->got);
	fixture_settle(&t->farm);
}

void story_log(struct story *t)
{
	struct actor *a = story_actor(t, story_word(t, 1));
	uint64_t size = 0;
	int code =
		queue_log_append(t->farm.queue, a->agent, str_from(story_fence(t, a, story_word(t, 2))),
			(uint64_t)story_number(story_word(t, 3)), str_from(story_word(t, 4)), &size, NULL);
	buf_printf(&t->got, "%s", fixture_code_word(code));
	if (code != ERR_LEASE_LOST) {
		buf_printf(&t->got, " %llu", (unsigned long long)size);
	}
}

struct sent {
	struct story *story;
	struct actor *actor;
};

static void on_result(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	struct sent *sent = user;
	story_told(&sent->story->got, code, e);
	if (grant != NULL) {
		hold(sent->story, sent->actor, grant);
		buf_printf(&sent->story->got, " %s", story_job_name(sent->story, grant->job));
	}
}

/* result AGENT JOB STATE [REASON] [stage=S] [next=1] */
void story_result(struct story *t)
{
	struct actor *a = story_actor(t, story_word(t, 1));
	struct sent result = {t, a};
	int64_t next = story_option(t, "next") != NULL ? story_number(story_option(t, "next")) : -1;
	const char *stage = story_option(t, "stage");
	const char *reason =
		t->word_count > 4 && strchr(story_word(t, 4), '=') == NULL ? story_word(t, 4) : NULL;
	char *json =
		fixture_result(story_fence(t, a, story_word(t, 2)), story_word(t, 3), stage, reason);
	queue_result(t->farm.queue, a->agent, str_from(json), next, on_result, &result);
	fixture_settle(&t->farm);
	free(json);
}
