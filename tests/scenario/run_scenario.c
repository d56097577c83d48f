/* Runs a farm's story: one step a line, "words -> what comes of it"; '#' comments. The steps are the
 * rows of the table below; FILE:LINE is told of the first that goes another way. */
#include "fixture.h"

#include "coordinator/queue/parts.h"
#include "coordinator/store/view.h"
#include "core/base/map.h"
#include "core/io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 16, MOST_ACTORS = 16, MOST_HELD = 64 };

/* One lease request: its answer may come after the next one was sent. */
struct ticket {
	struct actor *actor;
	int64_t serial;
};

struct actor {
	struct story *story;
	int64_t asked; /* requests so far */
	char name[32];
	struct queue_agent *agent;
	struct queue_wait *wait;
	bool answered;
	int code; /* of the answer */
	int64_t granted; /* the job, if code is 0 */
};

/* What an agent holds, or held: fences outlive leases here, as they do at a lost agent. */
struct held {
	struct actor *actor;
	int64_t job;
	char fence[64];
};

struct story {
	struct fixture farm;
	struct actor actors[MOST_ACTORS];
	size_t actor_count;
	struct held held[MOST_HELD];
	struct ticket tickets[MOST_HELD];
	size_t ticket_count;
	size_t held_count;
	struct map jobs; /* name → id */
	struct buf got; /* what came of the step */
	const char *words[MOST_WORDS];
	size_t word_count;
};

static void complain(struct story *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void complain(struct story *t, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	buf_add_text(&t->got, "bad step: ");
	buf_vprintf(&t->got, format, arguments);
	va_end(arguments);
}

static const char *word(const struct story *t, size_t i)
{
	return i < t->word_count ? t->words[i] : "";
}

static const char *option(const struct story *t, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 1; i < t->word_count; i++) {
		if (strncmp(t->words[i], name, n) == 0 && t->words[i][n] == '=') {
			return t->words[i] + n + 1;
		}
	}
	return NULL;
}

static int64_t number(const char *text)
{
	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

static struct actor *actor(struct story *t, const char *name)
{
	for (size_t i = 0; i < t->actor_count; i++) {
		if (strcmp(t->actors[i].name, name) == 0) {
			return &t->actors[i];
		}
	}
	struct actor *a = &t->actors[t->actor_count++];
	a->story = t;
	snprintf(a->name, sizeof(a->name), "%s", name);
	return a;
}

static int64_t job_id(struct story *t, const char *name)
{
	return (int64_t)(intptr_t)map_get(&t->jobs, str_from(name));
}

static const char *job_name(struct story *t, int64_t id)
{
	for (size_t i = t->jobs.n; i-- > 0;) {
		if ((int64_t)(intptr_t)t->jobs.entries[i].value == id) {
			return t->jobs.entries[i].key.p;
		}
	}
	return "?";
}

static const char *fence_of(struct story *t, const struct actor *a, const char *job)
{
	for (size_t i = t->held_count; i-- > 0;) {
		if (t->held[i].actor == a && t->held[i].job == job_id(t, job)) {
			return t->held[i].fence;
		}
	}
	return "never-held";
}

static void step_add(struct story *t)
{
	struct fixture_job job = {
		.name = word(t, 1),
		.key = option(t, "key"),
		.version = option(t, "version"),
		.target = option(t, "target"),
		.toolchain = option(t, "toolchain"),
		.image = option(t, "image"),
		.mode = option(t, "mode"),
		.priority = number(option(t, "priority")),
		.wall_s = number(option(t, "wall")),
		.builds = option(t, "builds") != NULL,
	};
	job.kind = job.builds ? "build" : NULL;
	fixture_add(&t->farm, &job);
	map_put(&t->jobs, str_from(job.key != NULL ? job.key : job.name), (void *)(intptr_t)job.id);
	buf_add_text(&t->got, job.added == STORE_JOB_ADDED ? "added" : "known");
}

static void step_agent(struct story *t)
{
	bool local = strcmp(word(t, 2), "local") == 0;
	actor(t, word(t, 1))->agent =
		fixture_agent(&t->farm, word(t, 1), local, option(t, "toolchain"), option(t, "image"));
	buf_add_text(&t->got, "ok");
}

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
		buf_add_text(&t->got, a->code == 0 ? job_name(t, a->granted) : fixture_code_word(a->code));
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
static void step_lease(struct story *t)
{
	struct actor *a = actor(t, word(t, 1));
	int64_t slot = option(t, "slot") != NULL ? number(option(t, "slot")) : free_slot(a->agent);
	struct lease_request request = {.slot = slot, .wait_s = number(option(t, "wait"))};
	a->answered = false;
	a->wait = queue_lease(t->farm.queue, a->agent, &request, on_lease, ticket(t, a));
	fixture_settle(&t->farm);
	tell_answer(t, a);
}

static void step_answer(struct story *t)
{
	tell_answer(t, actor(t, word(t, 1)));
}

static void step_hangup(struct story *t)
{
	struct actor *a = actor(t, word(t, 1));
	if (a->wait == NULL) {
		complain(t, "%s does not wait", a->name);
		return;
	}
	queue_lease_cancel(t->farm.queue, a->wait);
	a->wait = NULL;
	fixture_settle(&t->farm);
	buf_add_text(&t->got, "ok");
}

/* A client that goes away while its lease is being written. */
static void step_lease_hangup(struct story *t)
{
	struct actor *a = actor(t, word(t, 1));
	struct lease_request request = {.slot = free_slot(a->agent), .wait_s = 10};
	struct queue_wait *w = queue_lease(t->farm.queue, a->agent, &request, on_lease, ticket(t, a));
	queue_lease_cancel(t->farm.queue, w);
	fixture_settle(&t->farm);
	buf_add_text(&t->got, "ok");
}

static void step_advance(struct story *t)
{
	fixture_advance(&t->farm, number(word(t, 1)) * 1000);
	buf_add_text(&t->got, "ok");
}

static void on_done(void *user, int code, const struct err *e)
{
	buf_add_text(user, fixture_code_word(code));
}

static void on_beat(void *user, int code, const struct heartbeat_reply *reply, const struct err *e)
{
	on_done(user, code, e);
}

static void step_beat(struct story *t)
{
	struct actor *a = actor(t, word(t, 1));
	struct heartbeat beat = {.fence = fence_of(t, a, word(t, 2)), .stage = word(t, 3)};
	queue_heartbeat(t->farm.queue, a->agent, &beat, on_beat, &t->got);
	fixture_settle(&t->farm);
}

static void step_log(struct story *t)
{
	struct actor *a = actor(t, word(t, 1));
	uint64_t size = 0;
	int code = queue_log_append(t->farm.queue, a->agent, str_from(fence_of(t, a, word(t, 2))),
		(uint64_t)number(word(t, 3)), str_from(word(t, 4)), &size, NULL);
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
	on_done(&sent->story->got, code, e);
	if (grant != NULL) {
		hold(sent->story, sent->actor, grant);
		buf_printf(&sent->story->got, " %s", job_name(sent->story, grant->job));
	}
}

/* result AGENT JOB STATE [REASON] [stage=S] [next=1] */
static void step_result(struct story *t)
{
	struct actor *a = actor(t, word(t, 1));
	struct sent result = {t, a};
	int64_t next = option(t, "next") != NULL ? number(option(t, "next")) : -1;
	const char *stage = option(t, "stage");
	const char *reason = t->word_count > 4 && strchr(word(t, 4), '=') == NULL ? word(t, 4) : NULL;
	char *json = fixture_result(fence_of(t, a, word(t, 2)), word(t, 3), stage, reason);
	queue_result(t->farm.queue, a->agent, str_from(json), next, on_result, &result);
	fixture_settle(&t->farm);
	free(json);
}

static void step_revoke(struct story *t)
{
	queue_revoke_agent(t->farm.queue, word(t, 1), on_done, &t->got);
	fixture_settle(&t->farm);
}

static void step_revoke_local(struct story *t)
{
	queue_revoke_local_agents(t->farm.queue, on_done, &t->got);
	fixture_settle(&t->farm);
}

static void step_restart(struct story *t)
{
	fixture_stop(&t->farm);
	fixture_start(&t->farm);
	for (size_t i = 0; i < t->actor_count; i++) {
		t->actors[i].agent = queue_agent_by_name(t->farm.queue, t->actors[i].name);
	}
	buf_add_text(&t->got, "ok");
}

static void step_drain(struct story *t)
{
	queue_set_draining(t->farm.queue, true);
	fixture_settle(&t->farm);
	buf_add_text(&t->got, "ok");
}

static void step_pause(struct story *t)
{
	queue_set_paused(t->farm.queue, strcmp(word(t, 1), "off") != 0);
	fixture_settle(&t->farm);
	buf_add_text(&t->got, "ok");
}

static void step_counts(struct story *t)
{
	struct queue_counts c;
	queue_counts(t->farm.queue, &c);
	buf_printf(&t->got, "queued=%zu leased=%zu passed=%zu failed=%zu retried=%zu", c.queued,
		c.leased, c.passed, c.failed, c.retried);
}

static void step_unfit(struct story *t)
{
	buf_printf(&t->got, "%zu", queue_unfit(t->farm.queue, NULL));
}

static void step_state(struct story *t)
{
	struct store *s = NULL;
	struct err e = {0};
	struct job_view v;
	if (store_open(t->farm.database, STORE_READ, &s, &e) != 0 ||
		store_job_view(s, job_id(t, word(t, 1)), &v, &e) != 0) {
		complain(t, "%s", e.text);
	} else {
		buf_add_text(&t->got, v.build.job_state);
		if (v.build.state != NULL) {
			buf_printf(&t->got, " %s", v.build.state);
		}
		if (v.build.reason != NULL) {
			buf_printf(&t->got, " %s %s", v.build.reason, v.build.owner);
		}
		job_view_finish(&v);
	}
	store_close(s);
}

struct order {
	int64_t job, after;
};

static int write_order(struct store *s, void *user, struct err *e)
{
	const struct order *o = user;
	return store_job_add_after(s, o->job, o->after, e);
}

/* after JOB BLOCKER */
static void step_after(struct story *t)
{
	struct order o = {job_id(t, word(t, 1)), job_id(t, word(t, 2))};
	int code = store_write_wait(t->farm.writer, write_order, &o, NULL);
	queue_refresh(t->farm.queue, NULL, NULL);
	fixture_settle(&t->farm);
	buf_add_text(&t->got, fixture_code_word(code));
}

/* One "TARGET queued/leased slots average eta" a lane. */
static void step_outlook(struct story *t)
{
	struct queue_outlook all[16];
	size_t n = queue_outlooks(t->farm.queue, all, 16);
	for (size_t i = 0; i < n; i++) {
		buf_printf(&t->got, "%s%lld %zu/%zu %zu %.0f %.0f", i != 0 ? ", " : "",
			(long long)all[i].target, all[i].queued, all[i].leased, all[i].slots, all[i].average_s,
			all[i].eta_s);
	}
}

static void step_requeue(struct story *t)
{
	queue_requeue(t->farm.queue, job_id(t, word(t, 1)), on_done, &t->got);
	fixture_settle(&t->farm);
}

static const struct {
	const char *word;
	void (*run)(struct story *t);
} steps[] = {
	{"add", step_add},
	{"advance", step_advance},
	{"after", step_after},
	{"agent", step_agent},
	{"answer", step_answer},
	{"beat", step_beat},
	{"counts", step_counts},
	{"drain", step_drain},
	{"hangup", step_hangup},
	{"lease", step_lease},
	{"lease-hangup", step_lease_hangup},
	{"log", step_log},
	{"outlook", step_outlook},
	{"pause", step_pause},
	{"requeue", step_requeue},
	{"restart", step_restart},
	{"result", step_result},
	{"revoke", step_revoke},
	{"revoke-local", step_revoke_local},
	{"state", step_state},
	{"unfit", step_unfit},
};

static void run_step(struct story *t)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (strcmp(steps[i].word, word(t, 0)) == 0) {
			steps[i].run(t);
			return;
		}
	}
	complain(t, "no step is called %s", word(t, 0));
}

/* False if the line did not come out as it says. */
static bool run_line(struct story *t, struct str line, const char *file, int number_of_line)
{
	struct arena arena = {0};
	ptrdiff_t arrow = str_find_text(line, STR(" -> "));
	struct str expected =
		arrow >= 0 ? str_trim(str_slice(line, (size_t)arrow + 4, line.n)) : STR("ok");
	struct str rest = arrow >= 0 ? str_slice(line, 0, (size_t)arrow) : line;
	struct str part;
	t->word_count = 0;
	buf_clear(&t->got);
	while (t->word_count < MOST_WORDS && str_split(&rest, ' ', &part)) {
		if (part.n != 0) {
			t->words[t->word_count++] = arena_copy(&arena, part.p, part.n);
		}
	}
	run_step(t);
	bool fine =
		str_equal(buf_view(&t->got), expected) || (arrow < 0 && strcmp(word(t, 0), "add") == 0);
	if (!fine) {
		fprintf(stderr, "%s:%d: %.*s\n\tgot: %s\n", file, number_of_line, STR_ARG(line),
			t->got.p != NULL ? t->got.p : "");
	}
	arena_finish(&arena);
	return fine;
}

static bool run_file(const char *file)
{
	struct story t = {0};
	struct buf text = {0};
	struct err e = {0};
	if (file_read(file, 1 << 20, &text, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		return false;
	}
	fixture_init(&t.farm, NULL);
	fixture_start(&t.farm);
	struct str rest = buf_view(&text);
	struct str line;
	bool fine = true;
	for (int n = 1; fine && str_split(&rest, '\n', &line); n++) {
		line = str_trim(line);
		if (line.n != 0 && line.p[0] != '#') {
			fine = run_line(&t, line, file, n);
		}
	}
	fixture_stop(&t.farm);
	fixture_finish(&t.farm);
	map_finish(&t.jobs);
	buf_finish(&t.got);
	buf_finish(&text);
	return fine;
}

int main(int argc, char **argv)
{
	int failed = 0;
	for (int i = 1; i < argc; i++) {
		bool fine = run_file(argv[i]);
		printf("%s %s\n", fine ? "ok  " : "FAIL", argv[i]);
		failed += fine ? 0 : 1;
	}
	return failed == 0 && argc > 1 ? 0 : 1;
}
