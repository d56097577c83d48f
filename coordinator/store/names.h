/* All names in memory, by rank, with how each package stands: what somebody who types asks of them takes
 * a tenth of the time that a walk over the database would. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"

struct store;

/* A reader takes them again when the data have changed, but at most once in this time: until then they
 * are as they were. A connection that writes takes them each time. */
enum { STORE_NAMES_MS = 1000 };

struct store_names {
	struct store_name {
		int64_t id; /* of the package */
		struct str name;
		struct str words; /* a letter a target, see headline.h */
	} * v;
	size_t n;
	struct buf texts; /* all names in that order, each with its zero */
	struct arena arena; /* of words */
	int64_t version; /* of the data; 0: never read */
	int64_t read_ms; /* steady */
};

/* Those of this connection: the connection's, as they are until it is asked again. */
int store_names_take(struct store *s, const struct store_names **out, struct err *e);
void store_names_finish(struct store_names *n);

/* A walk over the names that have `part` in them, by rank; an empty part is in all of them. */
struct store_names_walk {
	const struct store_names *names;
	struct str part;
	size_t at; /* the next name to look at */
};
/* False: there are no more. */
bool store_names_next(struct store_names_walk *w, const struct store_name **out);

/* The best for somebody who has typed `part` so far, into out[0..most): the name itself, names that begin
 * with it, then others, each by rank. How many there are. */
size_t store_names_search(
	const struct store_names *names, struct str part, const struct store_name **out, size_t most);
