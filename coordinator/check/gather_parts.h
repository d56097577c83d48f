/* What gather.c (what is known) and gather_fetch.c (what is fetched) share; for nobody else. */
#pragma once

#include "coordinator/check/gather.h"
#include "coordinator/scan/page_store.h"
#include "coordinator/scan/validator.h"
#include "coordinator/store/dependency.h"
#include "core/io/fetch.h"

/* A package that somebody asked for. */
struct gathered {
	const char *name;
	bool told; /* files or absent are set */
	bool absent;
	bool unread; /* it is taken for absent as nobody may be asked */
	bool wanted; /* it is being fetched, or could not be */
	struct gather_asked *asked;
	int64_t stored; /* id of the package whose page is stored; 0: none */
	const char *etag; /* of a stored page that is no longer fresh; NULL: none */
	struct store_file *files; /* of a page that was fetched, or read whole (gather_files_whole) */
	size_t count;
	struct store_dependency_requires
		*requires; /* what is stored of their metadata; NULL: not read yet */
	size_t requires_count;
	struct store_file *built; /* by this farm */
	size_t built_count;
	VEC(struct gathered_sdist) sdists; /* that were asked for and are here */
};

struct gather_want {
	enum { GATHER_PAGE, GATHER_METADATA, GATHER_SDIST } kind;
	uint32_t package, version, wheel; /* of the universe; of an sdist no wheel */
};

/* What the sdist of a version says, once it was looked at. */
struct gathered_sdist {
	const char *version;
	const char *text; /* requires_text.h; NULL: it could not be had */
	const char *why; /* then: why not */
};

/* One page or metadata on its way. */
struct gather_item {
	struct gather *gather;
	struct gather_item *next, *previous; /* of the open ones */
	struct gather_want want;
	struct fetch_transfer *transfer;
	struct remote_wheel *remote;
	struct remote_sdist *sdist;
	unsigned char key[UNIVERSE_KEY]; /* of metadata that is stored */
	struct buf requires;
	char *package; /* of metadata on its way to the database */
};

struct gather {
	struct gather_options options;
	struct arena arena;
	struct scan_index index;
	bool has_index;
	char fingerprint[VALIDATOR_FINGERPRINT]; /* "" before has_index */
	struct map packages; /* name to struct gathered */
	VEC(struct project_page *) pages; /* fetched: what files are views of */
	VEC(struct gather_want) wants;
	struct map requires_texts; /* ids of stored texts to what they are in the universe, + 1 */
	struct page_targets targets;
	enum { GATHER_NOT_ASKED, GATHER_NONE_BUILT, GATHER_SOME_BUILT } built; /* by this farm */
	bool reading; /* the database is read as of one moment */
	/* while it fetches */
	struct universe *u;
	struct fetch *fetch;
	struct store_writer *writer; /* NULL: nothing is stored */
	size_t begun, done;
	bool pumping;
	struct gather_item *open;
	int code; /* the first thing that went wrong */
	struct err err;
};

/* Tells the universe, and who asked, what the page has; or that it is absent. */
void gathered_tell(struct gather *g, struct gathered *known, struct universe *u, uint32_t package,
	const struct store_file *files, size_t count);
/* Tells what is stored; false if it cannot be read. */
bool gathered_tell_stored(
	struct gather *g, struct gathered *known, struct universe *u, uint32_t package);
/* Fetches g->wants; runs the loop until all are here. */
void gather_fetch(struct gather *g);
void gather_stop(struct gather *g);

/* The database as of one moment, until gather_end_reading. */
struct store *gather_reader(struct gather *g);
struct gathered *gather_package_of(const struct gather_item *item);
/* The page's files with their addresses: a stored page, which may be another by now, is read whole once one of
 * them is wanted. */
const struct store_file *gather_files_whole(struct gather *g, struct gathered *known);
/* The item's `requires`, by its key: they are the database's afterwards. */
void gather_keep_requires(struct gather_item *item);
/* Our own address of the index, and so his credentials go with the request. */
bool gather_sends_auth(const struct gather *g, struct str url);
void gather_end_item(struct gather_item *item);

/* --- gather_sdist.c --- */

/* Of several the tar, as installers have it. NULL: none. */
const struct store_file *gather_find_sdist(
	struct gather *g, struct gathered *known, struct str version);
/* Also of metadata: what the sdist says is taken for the wheel's. */
void gather_begin_sdist(struct gather_item *item);
