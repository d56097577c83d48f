#include "coordinator/queue/parts.h"
#include "core/io/sha256.h"

#include <stdlib.h>
#include <string.h>

struct upload {
	struct queue *queue;
	char *hex;
	bool claimed; /* in queue->uploads */
	uint64_t offset;
	uint64_t total;
	char *bytes;
	size_t n;
	int code;
	struct err err;
	struct queue_upload_state state;
	void (*done)(void *user, int code, const struct queue_upload_state *state, const struct err *e);
	void *user;
};

static void look(struct queue *q, struct str hex, struct queue_upload_state *out)
{
	*out = (struct queue_upload_state){0};
	out->complete = blob_store_has(q->o.blobs, hex, &out->size);
	if (out->complete) {
		blob_store_touch(q->o.blobs, hex); /* until the result names it */
	} else {
		out->size = blob_store_partial_size(q->o.blobs, hex);
	}
}

static int check(struct queue *q, struct queue_agent *a, struct str fence, struct str sha256,
	struct queue_lease **lease, struct err *e)
{
	int code = queue_lease_live(q, a, fence, lease, e);
	if (code == 0 && !sha256_hex_valid(sha256)) {
		code = err_set(e, ERR_INVALID, "an upload is named by its SHA-256 in lower-case hex");
	}
	return code;
}

int queue_upload_size(struct queue *q, struct queue_agent *a, struct str fence, struct str sha256,
	struct queue_upload_state *out, struct err *e)
{
	struct queue_lease *lease = NULL;
	*out = (struct queue_upload_state){0};
	int code = check(q, a, fence, sha256, &lease, e);
	if (code == 0) {
		look(q, sha256, out);
	}
	return code;
}

static void release(struct upload *u)
{
	struct queue *q = u->queue;
	for (size_t i = 0; u->claimed && i < q->uploads.n; i++) {
		if (str_is(q->uploads.v[i], u->hex)) {
			q->uploads.v[i] = q->uploads.v[--q->uploads.n];
			u->claimed = false;
		}
	}
}

static void on_end(void *user)
{
	struct upload *u = user;
	struct queue *q = u->queue;
	release(u);
	u->done(u->user, u->code, &u->state, &u->err);
	free(u->hex);
	free(u->bytes);
	free(u);
	queue_ended(q);
}

/* On a worker. */
static void work(void *user)
{
	struct upload *u = user;
	struct blob_store *blobs = u->queue->o.blobs;
	struct str hex = str_from(u->hex);
	look(u->queue, hex, &u->state);
	if (u->state.complete) {
		return; /* somebody made the same file */
	}
	u->code = blob_store_partial_append(
		blobs, hex, u->offset, (struct str){u->bytes, u->n}, &u->state.size, &u->err);
	if (u->code == 0 && u->state.size == u->total) {
		u->code = blob_store_partial_commit(blobs, hex, &u->err);
		look(u->queue, hex, &u->state);
	}
}

static bool claim(struct queue *q, struct upload *u)
{
	for (size_t i = 0; i < q->uploads.n; i++) {
		if (str_is(q->uploads.v[i], u->hex)) {
			return false;
		}
	}
	*vec_add(&q->uploads) = str_from(u->hex);
	u->claimed = true;
	return true;
}

void queue_upload_append(struct queue *q, struct queue_agent *a, struct str fence,
	struct str sha256, uint64_t offset, uint64_t total, struct str bytes,
	void (*done)(void *user, int code, const struct queue_upload_state *state, const struct err *e),
	void *user)
{
	struct queue_lease *lease = NULL;
	struct upload *u = MEM_NEW(struct upload);
	u->queue = q;
	u->hex = str_dup(sha256);
	u->offset = offset;
	u->total = total;
	u->done = done;
	u->user = user;
	u->code = check(q, a, fence, sha256, &lease, &u->err);
	bool over =
		u->code == 0 && (total > q->o.upload_limit || bytes.n > q->o.upload_limit - lease->sent);
	if (u->code == 0 && (over || offset > total || bytes.n > total - offset)) {
		u->code = err_set(&u->err, ERR_TOO_LARGE, "upload: over %llu bytes",
			(unsigned long long)(over ? q->o.upload_limit : total));
	}
	if (u->code == 0 && !claim(q, u)) {
		u->code = err_set(&u->err, ERR_BUSY, "a piece of this file is being written");
	}
	if (u->code != 0) {
		queue_soon(q, on_end, u);
		return;
	}
	lease->sent += bytes.n;
	u->bytes = mem_copy(bytes.p, bytes.n);
	u->n = bytes.n;
	queue_work(q, work, on_end, u);
}
