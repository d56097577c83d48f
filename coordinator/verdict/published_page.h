/* The files of a page, read once: names parsed, equal texts found, files grouped into releases in PEP
 * 440 order. For the files published*.c alone. */
#pragma once

#include "coordinator/verdict/published.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/pep/version.h"

#define PAGE_NOTHING UINT32_MAX /* no version, no tags, no release */

/* One file, beside published_file. */
struct page_entry {
	uint32_t version; /* index of versions, PAGE_NOTHING if the name could not be read */
	uint32_t tags; /* index of tags; PAGE_NOTHING: no wheel */
	uint32_t rule; /* index of rules */
	unsigned char kind; /* enum filename_kind */
	bool ours; /* a wheel or sdist of this package: part of a release */
	bool yanked;
};

/* A run of files whose names have the same version text. */
struct page_version {
	struct version v;
	struct str text; /* normalised; once the page was read in its arena */
	bool ours;
};

struct page_release {
	const uint32_t *files; /* indices of entries */
	size_t n;
	struct str version; /* normalised */
	bool prerelease;
};

/* A distinct text of the tag part of wheels, "cp313-cp313-win_arm64". */
struct page_tags {
	uint32_t interpreter; /* index of interpreters: "cp313-cp313" */
	uint32_t system; /* index of systems: "win_arm64" */
	bool compiled; /* some platform is not "any" */
	uint32_t next; /* the tags of the file behind, last time: a guess */
	struct str text;
};

struct published {
	struct arena arena;
	const struct published_file *files;
	struct page_entry *entries;
	size_t count; /* of both */
	VEC(struct page_version) versions;
	struct page_release *releases; /* lowest first */
	size_t release_count;
	VEC(struct page_tags) tags;
	/* Distinct texts: entries[i] is the one of index i, its value i + 1. */
	struct map tag_texts;
	struct map interpreters;
	struct map systems;
	struct map rules; /* requires-python, white space off */
};
