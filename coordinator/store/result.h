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

/* The body as stored for the lease (store_result_body), so a repeated result is known;
 * ERR_NOT_FOUND. Added to `out`. */
int store_result_find(struct store *s, int64_t lease, struct buf *out, struct err *e);
/* The text that is stored of a result: what the agent sent, its fence left out. */
void store_result_body(struct str sent, const char *fence, struct buf *out);
