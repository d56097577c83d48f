/* Stored logs are judged again when the rules that judge them were edited: a better rule says more of
 * what failed long ago, without a build. What an agent itself said of a failure stays. */
#pragma once

#include "coordinator/classify/classify.h"
#include "coordinator/store/writer.h"
#include "core/io/blob_store.h"

#include <stdatomic.h>

struct rejudge_options {
	struct store *store; /* to read; of this thread alone */
	struct store_writer *writer;
	const struct blob_store *blobs;
	const char *rules; /* git object id of the rules as they are now */
	int64_t now; /* wall ms */
	void (*classify)(void *user, enum stage stage, struct str log, struct classify_answer *out);
	/* After a reason became another one, in its transaction: what follows from it is made anew. */
	int (*on_changed)(
		void *user, struct store *s, int64_t package, int64_t target, int64_t now, struct err *e);
	void *user;
	const atomic_bool *stop; /* NULL, or: ends soon, what is judged stays */
};

struct rejudge_counts {
	size_t judged;
	size_t changed; /* another code than before */
	size_t gone; /* no log any more: the old word stays */
};

/* Blocking: for a worker thread. Goes through the failed results that other rules judged, each once. */
int rejudge_run(const struct rejudge_options *options, struct rejudge_counts *out, struct err *e);
