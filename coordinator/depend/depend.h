/* Keeps the stored verdicts on dependencies up to date: of every package that something new is known of,
 * and of all that need it, directly or not, and of no other. Knows no network: what would have to be read
 * is told to the caller. Blocking; for a worker thread. */
#pragma once

#include "coordinator/store/writer.h"
#include "core/base/vec.h"
#include "recipes/target.h"

#include <stdatomic.h>

struct depend_counts {
	size_t due; /* packages of which something was new */
	size_t judged; /* those, and who needs them */
	size_t changed; /* of those, whose verdict is another */
	size_t pairs; /* packages and targets with a wheel of their own */
	size_t dead, witnessed, solved, unknown; /* by whom they were answered */
	size_t questions; /* to the solver */
};

/* What nobody looked at, and verdicts depend on: the page of a package, or the metadata of a version. */
struct depend_missing {
	const char *name;
	const char *version; /* NULL: the page */
};

struct depend_options {
	struct store *reader; /* for this thread alone */
	struct store_writer *writer;
	const struct target_set *targets;
	bool
		ask; /* if the metadata of a new version was not read, that is told, and nobody is judged yet */
	bool begin; /* from now on dependencies are read; false: only if they are already */
	const atomic_bool *stop; /* may be NULL; true: ends soon, with ERR_CANCELLED */
};

struct depend_answer {
	struct arena arena;
	struct depend_counts counts;
	VEC(struct depend_missing) missing;
};

/* Nothing is due, or dependencies are not read: 0, and counts of zero. What was stored before an error
 * stays, and is due again. The caller finishes the answer in any case. */
int depend_refresh(const struct depend_options *o, struct depend_answer *out, struct err *e);
void depend_answer_finish(struct depend_answer *a);
