/* Reading an index: many project pages at once, conditional on what is known, each stored with the
 * published facts of every target. Knows nothing of agents. */
#pragma once

#include "coordinator/config.h"
#include "recipes/scope.h"
#include "recipes/target.h"

#include <uv.h>

struct store_writer; /* coordinator/store/writer.h */
struct store; /* a read-only connection, coordinator/store/store.h */

/* Where the pages come from. */
struct scan_index {
	char *url; /* "https://…/simple/", with a '/' at the end; NULL for a folder */
	char *folder; /* absolute; NULL for a URL */
	char *ca_file; /* as pip has it, NULL: curl's own */
	char *proxy; /* as pip has it, NULL: the environment's */
	char *auth; /* "Authorization: Basic …" from the URL or NULL; never stored, never logged */
};

/* `given`: a URL or a folder; NULL asks pip of this machine (its configuration, else its own default;
 * three short child processes). Credentials in a URL are moved to `auth`. ERR_USAGE if there is
 * neither `given` nor a pip. The caller finishes. */
int scan_index_find(const char *given, struct scan_index *out, struct err *e);
void scan_index_finish(struct scan_index *i);

struct scan_counts {
	size_t asked; /* packages of this scan */
	size_t changed; /* pages read and stored */
	size_t unchanged; /* 304, the same serial or the same bytes */
	size_t absent; /* the index has no such project */
	size_t bad; /* a page that is none: old facts stay */
	size_t failed; /* unreachable, or not asked any more: nothing is concluded */
	uint64_t received; /* bytes on the wire */
	size_t requests; /* of pages, tries that failed too */
	size_t listed; /* projects in the index's list of serials, 0: not asked for */
};
/* How many of those that were asked for have their answer. */
size_t scan_done(const struct scan_counts *c);

struct scan_options {
	uv_loop_t *loop;
	const struct scan_index *index;
	const char *contact; /* for the User-Agent, or NULL */
	int64_t connections; /* to the index at once; 0: 8. By HTTP/2 many pages share one */
	int64_t rate; /* requests a second at most; 0: no cap */
	/* Ask for the index's list of serials first in any case, not only where a thousand are known. */
	bool serials;
	int64_t page_s; /* seconds that a page may take; 0: 120 */
	struct store *store; /* to read what is known */
	struct store_writer *writer; /* to write */
	const struct target_set *targets;
	const struct scope *scope;
	const struct package_item *packages;
	size_t package_count;
	/* one line for a package that is absent, bad or failed, with what the index sent in it: a
	 * terminal must see it escaped. May be NULL */
	void (*on_report)(void *user, const char *line);
	/* after each package; may be NULL */
	void (*on_progress)(void *user, const struct scan_counts *so_far);
	/* exactly once, on the loop, after everything is committed */
	void (*on_end)(void *user, const struct scan_counts *counts);
	void *user;
};

struct scan;
/* Starts; the options' pointers must stay until on_end, after which the scan frees itself. */
struct scan *scan_start(const struct scan_options *options);
/* Ends soon: transfers are cancelled, what was read is stored, on_end comes. */
void scan_cancel(struct scan *s);

/* The exit code of a command that scanned: 3 if some failed, 1 if some were absent or bad, else 0. */
int scan_exit_code(const struct scan_counts *c);
