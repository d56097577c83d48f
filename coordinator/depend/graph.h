/* What packages need, as far as the database knows it: a universe (coordinator/solve) filled from there
 * and nowhere else, and for each version the targets on which it can be installed at all.
 *
 * A version is usable on a target if a wheel of it fits there and its metadata, if known, can be used. It
 * is alive there if besides each of its requirements is met by some version that is alive: what is not
 * alive can never be installed, whatever else is chosen. A version whose metadata nobody read requires
 * nothing here. */
#pragma once

#include "coordinator/solve/question.h"
#include "coordinator/store/store.h"
#include "recipes/target.h"

/* Beside a package of the universe. */
struct depend_package {
	int64_t id; /* in the database; 0: it has none */
	bool loaded;
	bool fresh; /* its pack was made now, and is not stored yet */
	bool due; /* something is new of it in this round */
	uint64_t *usable; /* of each version: targets */
	uint64_t *alive; /* the same; after depend_graph_live */
	uint32_t deaths; /* how often some version died */
	VEC(uint32_t) extras; /* that somebody asks for */
};

/* A version of which the metadata, or a package of which the page would have to be read. */
struct depend_want {
	uint32_t package;
	uint32_t version; /* UNIVERSE_NONE: the page */
};

struct depend_graph {
	struct universe u;
	struct store *store;
	const struct map
		*built; /* names of packages of which this farm's wheels count, too; NULL: none */
	uint64_t built_on; /* targets for which some package that was loaded has such a wheel */
	int64_t *ids; /* beside u.targets: their ids in the database */
	char *names; /* of them, with spaces between: store_dependency_state */
	VEC(struct depend_package) packages; /* beside u.packages, as far as they were met */
	VEC(struct depend_visit {
		uint32_t package;
		uint32_t extra; /* UNIVERSE_NONE: what it requires by itself */
	})
	visits;
	VEC(uint32_t) texts; /* of ids of stored texts: index of u.requires + 1 */
	VEC(struct living) living; /* beside u.requirements: an answer, and how old it is */
	VEC(struct depend_want) wants; /* of the solver's last question */
	uint32_t pass;
	int code; /* of the first thing that the database could not tell */
	struct err err;
};

/* Reads through `s`, which must outlive it. ERR_TOO_LARGE if there are more than UNIVERSE_TARGETS targets;
 * ERR_NOT_FOUND if one of them is not in the database. */
int depend_graph_init(
	struct depend_graph *g, struct store *s, const struct target_set *targets, struct err *e);
void depend_graph_finish(struct depend_graph *g);

/* The targets at whose id's place a stored text has the letter. */
uint64_t depend_targets(const struct depend_graph *g, struct str letters, char letter);

/* The package of that name, read from the database if it was not. An unreadable one is as one nobody
 * scanned, and g->code is set. */
uint32_t depend_graph_load(struct depend_graph *g, struct str name);
/* The metadata that the database has of a package, onto the wheels of these versions of it. */
void depend_graph_requires(
	struct depend_graph *g, int64_t id, struct universe_version *versions, uint32_t count);
/* Targets on which a version with such wheels can be used. */
uint64_t depend_usable(const struct depend_graph *g, const struct universe_version *v);
/* The package that the requirement is about, with the extras that it asks for. */
void depend_graph_reach(struct depend_graph *g, uint32_t requirement);
/* All that can matter to what was loaded. */
void depend_graph_close(struct depend_graph *g);
/* Then: which versions are alive. */
void depend_graph_live(struct depend_graph *g);

/* The targets on which the requirement is met by some version that is alive, as of now. */
uint64_t depend_living(struct depend_graph *g, uint32_t requirement);
/* Of a requirement asked for by a version with these extras: on which targets it applies. */
uint64_t depend_applies(
	struct depend_graph *g, uint32_t requirement, const uint32_t *extras, size_t count);

/* For solve(): what is not in the database is noted in g->wants. */
struct solve_source depend_source(struct depend_graph *g);
