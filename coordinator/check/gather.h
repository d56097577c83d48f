/* What a check needs: from the database where that is fresh, else from the index, and only that. What was
 * fetched is stored for the next one, if there is a database to write. */
#pragma once

#include "coordinator/scan/scan.h"
#include "coordinator/solve/question.h"

struct gather_options {
	uv_loop_t *loop;
	struct store *store; /* to read; NULL: nothing is known */
	/* Opens the database to write, once there is something to fetch: most checks need only read. NULL,
	 * or what returns NULL: nothing is stored. */
	struct store_writer *(*begin_writing)(void *user);
	const char *index; /* as given by the user; NULL: found when it is needed (scan_index_find) */
	bool offline; /* nothing is fetched: the database is all there is */
	bool built; /* the wheels that this farm made can be installed, too */
	int64_t fresh_ms; /* a stored page is as good as the index for so long */
	bool any_index; /* also one of another index */
	const char *contact; /* for the User-Agent, or NULL */
	const struct target_set *targets; /* of the database */
	const struct scope *scope;
	void (*on_progress)(void *user, size_t done, size_t wanted); /* may be NULL */
	void *user;
};

struct gather;
/* The options' pointers must outlive it. ERR_USAGE if the given index is none. */
int gather_create(const struct gather_options *options, struct gather **out, struct err *e);
/* Writes are over when this returns. */
void gather_destroy(struct gather *g);

/* For solve(): brings what the database has, notes what must be fetched. */
struct solve_source gather_source(struct gather *g);
/* Fetches all that was noted since; runs the loop. 0, also where the index has no such thing; or the
 * error of the first thing that could not be had, about which nothing is concluded. ERR_CANCELLED after
 * gather_cancel. */
int gather_wait(struct gather *g, struct universe *u, struct err *e);
void gather_cancel(struct gather *g);
/* After the last question: the store may be closed. */
void gather_end_reading(struct gather *g);

/* What somebody wants to know of a package's files, which are not kept; with the places of their versions, as
 * universe_set_files tells them. */
struct gather_asked {
	void (*read)(struct gather_asked *a, const struct store_file *files, const uint32_t *places,
		size_t count);
	struct gather_asked *next;
};
/* Before its page is asked for: `read` is called when that is read, with the files as the page has them; never
 * where there is no page. */
void gather_ask(struct gather *g, struct str package, struct gather_asked *a);
/* Nobody looked at its page, and the index may not be asked: that it is absent is no fact. */
bool gather_is_unread(const struct gather *g, struct str package);
/* The wheels that this farm made of it, whether they can be installed or not. */
void gather_built(
	struct gather *g, struct str package, const struct store_file **files, size_t *count);

/* What a version would require if it were built: what its sdist says, where that is static (PEP 643), else
 * what a wheel does that this farm made of it. */
struct gather_source {
	uint32_t requires; /* of the universe; UNIVERSE_NONE: nobody knows */
	const char *why; /* then: why not */
};
/* false: it is wanted, and gather_wait brings it; that it cannot be had is no failure. Of a package that is
 * known. */
bool gather_source_of(struct gather *g, struct universe *u, uint32_t package, uint32_t version,
	struct gather_source *out);
