/* Names of distribution files: wheels (PEP 427), source distributions (PEP 625), as
 * packaging.utils.parse_wheel_filename and parse_sdist_filename 26.3 read them. Views onto the
 * text; nothing is allocated.
 *
 * Two deviations: the name and the python part of a wheel are ASCII, as core metadata has names
 * (packaging lets any Unicode letter pass there); and a wheel's or sdist's name over FILENAME_LIMIT
 * bytes is invalid, as three long compressed sets multiply to any number of tags. */
#pragma once

#include "core/pep/tag.h"
#include "core/pep/version.h"

enum { FILENAME_LIMIT = 512 };

enum filename_kind {
	FILENAME_WHEEL, /* .whl */
	FILENAME_SDIST, /* .tar.gz, .zip */
	FILENAME_OTHER, /* .exe, .egg, .msi, .tar.bz2, … : stored, never fit */
};

struct filename {
	enum filename_kind kind;
	struct str name; /* as written; see name.h */
	struct version version;
	/* of wheels only; each part of the tags is a '.'-separated compressed set */
	bool has_build;
	struct str build_number; /* digits */
	struct str build_rest;
	struct str pythons;
	struct str abis;
	struct str platforms;
};

/* 0; or ERR_INVALID with the reason for a wheel or sdist whose name breaks its rule. Files of other
 * kinds are no error: kind is FILENAME_OTHER and nothing else is set. */
int filename_parse(struct str text, struct filename *out, struct err *e);

struct tag {
	struct str python, abi, platform; /* as written, not lowered */
};

/* Walks the tags of a compressed set. Start with filename_tags(f). */
struct filename_tags {
	const struct filename *file;
	struct str pythons, abis, platforms; /* what is left of each */
	struct str python, abi; /* of the tags under way */
};
struct filename_tags filename_tags(const struct filename *f);
bool filename_tags_next(struct filename_tags *t, struct tag *out);

/* The best (lowest) rank of the wheel's tags on the target and, if best is not NULL, that tag; -1 if
 * none fits or the file is no wheel. */
int filename_rank(const struct filename *f, const struct tag_target *target, struct tag *best);
