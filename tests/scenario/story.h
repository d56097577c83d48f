/* A story of a farm under way: who acts in it, what they hold, the words of the step that is told now. */
#pragma once

#include "fixture.h"

#include "core/base/map.h"

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

/* The step is none: that is what comes of it. */
void story_complain(struct story *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The step's words: "" past the last; the text behind NAME=, or NULL. */
const char *story_word(const struct story *t, size_t i);
const char *story_option(const struct story *t, const char *name);
int64_t story_number(const char *text);

/* Made if nobody is called that yet. */
struct actor *story_actor(struct story *t, const char *name);
int64_t story_job_id(struct story *t, const char *name);
const char *story_job_name(struct story *t, int64_t id);
/* The last one the actor had for the job; one that never was if there is none. */
const char *story_fence(struct story *t, const struct actor *a, const char *job);

/* A `done` for the queue whose user is &story->got. */
void story_told(void *user, int code, const struct err *e);

/* --- story_lease.c: what agents ask and tell --- */
void story_lease(struct story *t); /* lease AGENT [slot=N] [wait=S] */
void story_answer(struct story *t);
void story_hangup(struct story *t);
void story_lease_hangup(struct story *t);
void story_beat(struct story *t);
void story_log(struct story *t);
void story_result(struct story *t); /* result AGENT JOB STATE [REASON] [stage=S] [next=1] */
