/* Results: what an agent said of a job and what the coordinator found. */
#pragma once

#include "coordinator/store/store.h"
#include "core/farm_protocol/result.h"

struct store_result_new {
	int64_t job;
	int64_t lease;
	int64_t accepted; /* wall ms */
	const struct result *said; /* as the agent sent it */
	struct str body; /* the same as text; empty: it is written from `said` */
	/* The coordinator's own word, which may differ from the agent's. */
	bool pass;
	const char *stage; /* the failed one, NULL on a pass */
	enum reason reason; /* REASON_NONE on a pass */
	const char *line; /* evidence, NULL: none */
	const char *log_sha256; /* of its text, NULL: no log */
	const char *log_blob; /* as stored (store_log_keep), NULL: no log */
	int64_t log_size;
	const char *inspect; /* report on the wheel as JSON, NULL: none */
	const char *recipe_commit; /* of the job; NULL or "": none */
	bool recipe_dirty;
	bool proven; /* its import ran on the target */
	bool final; /* false: the job goes back to the queue */
};
/* Writes all rows of one result, whose lease was live until now (store_lease_end said so). */
int store_result_add(struct store *s, const struct store_result_new *r, int64_t *id, struct err *e);

/* A result and its job. */
struct store_result_place {
	int64_t result, job;
};
/* The final results of an agent that were accepted after that wall ms, oldest first, in `arena`. */
int store_result_of_agent(struct store *s, int64_t agent, int64_t after, struct arena *arena,
	struct store_result_place **out, size_t *count, struct err *e);
/* Writes. It stays on record, and is no final result any more. */
int store_result_withdraw(struct store *s, int64_t result, struct err *e);

/* The body as stored for the lease (store_result_body), so a repeated result is known;
 * ERR_NOT_FOUND. Added to `out`. */
int store_result_find(struct store *s, int64_t lease, struct buf *out, struct err *e);
/* The text that is stored of a result: what the agent sent, its fence left out. */
void store_result_body(struct str sent, const char *fence, struct buf *out);
