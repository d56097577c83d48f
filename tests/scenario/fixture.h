/* A farm's store, writer and queue in a folder of their own, with a clock that only tests move. */
#pragma once

#include "coordinator/queue/queue.h"
#include "coordinator/store/job.h"
#include "coordinator/store/store.h"

struct fixture {
	uv_loop_t loop;
	char *folder; /* removed at the end */
	char *database;
	struct blob_store blobs;
	struct store_writer *writer;
	struct queue *queue;
	int64_t now;
	int64_t on_results; /* calls of the hook */
	enum reason classified; /* what the hook for logs finds */
	void (*on_event)(const struct queue_event *event);
	const struct queue_canary *canaries; /* set before fixture_start */
	size_t canary_count;
};

/* A fresh folder under TMPDIR, or `folder` (kept at the end) if it is not NULL. */
void fixture_init(struct fixture *f, const char *folder);
void fixture_start(struct fixture *f); /* opens database, writer, queue */
void fixture_stop(struct fixture *f); /* closes them, as a coordinator that ends */
void fixture_finish(struct fixture *f);
/* Runs the loop until nothing is under way. */
void fixture_settle(struct fixture *f);
void fixture_advance(struct fixture *f, int64_t ms);

/* A write on the writer's thread, waited for; aborts the test if it fails. */
void fixture_write(struct fixture *f, store_write_fn fn, void *user);

struct fixture_job {
	const char *name; /* package, and the key unless `key` */
	const char *key;
	const char *version; /* NULL: "1.0" */
	const char *kind; /* NULL: "control" */
	const char *target; /* NULL: "cp313-win_arm64" */
	const char *toolchain; /* NULL: none is needed */
	const char *image;
	const char *mode; /* NULL: "cross" */
	int64_t priority;
	int64_t wall_s; /* 0: 100 */
	bool expect_native;
	bool builds; /* from an sdist: a pass must bring a wheel */
	int64_t id; /* filled */
	enum store_job_add added; /* filled */
};
/* Stores package, target and job; the queue is told. */
void fixture_add(struct fixture *f, struct fixture_job *job);
/* As a write of its own, for tests without a queue. */
int fixture_add_write(struct store *s, void *job, struct err *e);

/* A canary for agents that have this toolchain; texts in `arena`. */
void fixture_canary(struct arena *arena, const char *toolchain, struct queue_canary *out);

/* Says hello for an agent with one toolchain, made of `identity`. */
void fixture_hello(
	struct fixture *f, struct queue_agent *a, const char *toolchain, const char *identity);

/* Admits an agent and lets it say hello; the lists are "a,b" or NULL. */
struct queue_agent *fixture_agent(
	struct fixture *f, const char *name, bool local, const char *toolchains, const char *images);

/* {"fence":…} of a result; the caller frees. */
char *fixture_result(const char *fence, const char *state, const char *stage, const char *reason);

/* What a code of the queue is called in stories. */
const char *fixture_code_word(int code);
