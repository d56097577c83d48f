/* The rules that map a log's lines to reason codes: recipes/reasons.yaml, edited every week. Each has
 * a line that it must match and one that it must not, and loading checks both. */
#pragma once

#include "core/farm_protocol/reason.h"
#include "core/farm_protocol/stage.h"

struct reason_rule {
	enum reason code;
	bool any_stage;
	enum stage stage; /* unless any_stage */
	const char *pattern;
	const char *example; /* must match */
	const char *counter; /* must not */
	int line; /* in the file */
};

struct reason_rules;

/* Reads FOLDER/reasons.yaml, compiles every pattern (PCRE2, JIT where there is one) and runs it on its
 * two example lines. Errors are "FILE:LINE: what". The caller destroys; NULL on error. */
struct reason_rules *reason_rules_load(const char *folder, struct err *e);
/* The same from memory; `name` stands for the file. */
struct reason_rules *reason_rules_parse(struct str yaml, const char *name, struct err *e);
void reason_rules_destroy(struct reason_rules *r);

/* git's object id of the text they were read from: which rules judged. */
const char *reason_rules_object(const struct reason_rules *r);
size_t reason_rules_count(const struct reason_rules *r);
const struct reason_rule *reason_rules_at(const struct reason_rules *r, size_t index);
/* True if rule `index` matches the line. A match that runs into PCRE2's limits is none. Not for two
 * threads at once on one struct: it has one scratch area. */
bool reason_rule_matches(const struct reason_rules *r, size_t index, struct str line);
/* Is the rule for this stage? `prepare` runs the backend's hooks, so what is said of `build` holds there too. */
bool reason_rule_is_for(const struct reason_rules *r, size_t index, enum stage stage);
/* The first rule, in the file's order, for this stage that matches; -1 if none does. */
ptrdiff_t reason_rules_find(const struct reason_rules *r, enum stage stage, struct str line);
