/* The files that an index page lists. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"

/* A file as its page has it. Views; empty ones are stored as null. */
struct store_file {
	struct str filename;
	struct str version; /* normalised; empty where the name could not be read */
	const char *kind; /* "wheel", "sdist", "other" */
	struct str url;
	struct str sha256;
	int64_t size; /* -1: unknown */
	struct str requires_python;
	bool yanked;
	int64_t uploaded; /* wall ms, 0: unknown */
	struct str metadata_sha256;
	/* of files read for their names: SHA-256 of the metadata if the index tells it, else of the file, 32 bytes
	 * (UNIVERSE_KEY); NULL: the texts above are all there is */
	const unsigned char *key;
};

/* All files of a package in the order of its page, an array in `arena`. ERR_CORRUPT if what is stored
 * is damaged. */
int store_package_files(struct store *s, int64_t package, struct arena *arena,
	struct store_file **out, size_t *count, struct err *e);
/* The same as it is stored, for file_pack_read: calls `with`, whose result is the function's; empty where there is
 * none. The pack is no copy, and over when `with` returns. */
int store_package_pack(struct store *s, int64_t package,
	int (*with)(void *user, struct str pack, struct err *e), void *user, struct err *e);
/* Has this farm made any wheel at all? */
int store_has_built(struct store *s, bool *out, struct err *e);
/* The wheels that this farm made of the package and found clean, as files without an address: the newest
 * last. In `arena`. */
int store_built_files(struct store *s, struct str package, struct arena *arena,
	struct store_file **out, size_t *count, struct err *e);
/* Of those the ones of a release on the page, with the Pythons that it is for. */
int store_built_on_page(struct store *s, struct str package, const struct store_file *page,
	size_t page_count, struct arena *arena, struct store_file **out, size_t *count, struct err *e);
/* Writes. These, by file_pack_write, take the place of all the package had; an empty pack is no
 * files. */
int store_files_replace(
	struct store *s, int64_t package, struct str pack, size_t count, struct err *e);
