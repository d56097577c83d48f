/* The index's own list of projects with the serial of each (PEP 691, the root page, with the
 * `_last-serial` that the public index adds): one request that tells which pages changed. Only the
 * names that are asked about are kept, whatever the length of the list. */
#pragma once

#include "core/base/map.h"
#include "core/io/fetch.h"

struct serials_options {
	const char *url; /* of the root page */
	const char *auth; /* a header, or NULL */
	const struct map *names; /* normalised names; the value is an int64_t to be set */
	/* once, on the loop; `read` counts the projects listed. An error: what was set may be used, what
	 * was not is 0. */
	void (*on_end)(void *user, int code, size_t read, uint64_t received, const struct err *e);
	void *user;
};

struct serials;
/* The options' pointers must stay until on_end, after which it frees itself. */
struct serials *serials_start(struct fetch *fetch, const struct serials_options *options);
void serials_cancel(struct serials *s);

/* The same of a text that is there; it is of no other use after. An error unless it was a list of
 * projects; *read as above. */
int serials_read(struct buf *text, const struct map *names, size_t *read, struct err *e);
