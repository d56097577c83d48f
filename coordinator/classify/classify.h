/* From a failed stage's log to a reason and the line that shows it. */
#pragma once

#include "core/farm_protocol/reason.h"
#include "core/farm_protocol/stage.h"
#include "core/inspect/problem.h"
#include "recipes/reasons.h"

enum { CLASSIFY_LINE = 1024 };

struct classify_answer {
	enum reason reason; /* REASON_CODE_UNKNOWN if no rule matched: nobody guesses */
	char
		line[CLASSIFY_LINE]; /* the evidence, cut, valid UTF-8, no control characters; "" if none */
	int64_t offset; /* of that line in `log`, -1 if none */
};

/* Reads the part of a job's log that belongs to the failed stage. Rules are tried in the file's order
 * over all lines (a rule early in the file is surer than a late one); of several matching lines the
 * first is the evidence, as later ones follow from it. */
void classify_log(const struct reason_rules *rules, enum stage stage, struct str log,
	struct classify_answer *out);

/* What a problem that inspect found means for a build of ours: REASON_NONE for those that are only
 * worth a note. */
enum reason classify_problem(enum wheel_problem_code code);
