/* What check.c and check_headline.c share; for nobody else. */
#pragma once

#include "coordinator/check/check.h"
#include "coordinator/verdict/headline.h"

/* What is published of the versions that a requirement admits on a target: found out when the page is read. */
struct check_facts {
	struct gather_asked asked;
	struct checking *checking;
	uint32_t requirement;
	size_t target;
	struct headline_facts facts; /* zero, which is: not scanned, until then */
};

struct check_asked {
	const struct check_line *line;
	uint32_t requirement;
	struct check_facts *facts; /* of each target */
};

struct checking {
	const struct check_options *options;
	struct check_answer *out;
	struct err *e;
	struct universe u;
	size_t target; /* the one under way */
	VEC(struct check_asked) all;
	VEC(struct check_asked) roots; /* of those, what applies on the target */
	VEC(uint32_t) constraints;
	struct map
		roots_by_key; /* place + 1 of a root of the answer; not NULL: that it blocks an item */
	struct map sources; /* package, version and target to struct check_source */
};

/* The answer to so many requirements on the target under way: SOLVE_YES or SOLVE_NO. */
int check_ask(struct checking *c, const uint32_t *roots, size_t count, struct solve_answer *out);
/* Why they cannot be had; the caller finishes it after 0. */
int check_explain(
	struct checking *c, const uint32_t *roots, size_t count, struct solve_explanation *out);
/* A copy that lives as long as the answer. */
const char *check_keep(struct checking *c, struct str text);

/* A root is what blocks the item of that name. Texts of the answer. */
void check_blame(struct checking *c, const char *name, const char *reason, const char *item);

/* --- check_locked.c --- */

/* Does the item's file refuse the target? Then that is told. */
bool check_refused(struct checking *c, struct check_item *item);
/* Adds the items of all lines that are locked, of all targets. */
void check_locked(struct checking *c, const struct check_list *list);

/* --- check_headline.c --- */

/* Asks for the facts of all that was asked for, before any page is read. */
void check_facts_ask(struct checking *c);
/* How the newest release that the requirement admits stands on the target, and the newest that works. */
int check_headline(struct checking *c, struct check_item *item, const struct check_asked *asked);

/* --- check_source.c --- */

/* What the version would need on the target under way if it were built. */
int check_source(struct checking *c, uint32_t package, uint32_t version, struct check_source *out);
