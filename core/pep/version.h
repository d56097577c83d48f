/* Versions, PEP 440, exactly as packaging.version 26.3 parses and orders them. A parsed version is
 * views onto its text: numbers are digit runs of any length, nothing overflows, nothing is
 * allocated. The text must outlive the version. */
#pragma once

#include "core/base/str.h"

enum version_pre { VERSION_PRE_NONE, VERSION_PRE_ALPHA, VERSION_PRE_BETA, VERSION_PRE_RC };

struct version {
	bool packed; /* high and low order the public part: version_compare looks there first */
	bool has_post;
	bool has_dev;
	bool has_local;
	uint32_t parts; /* numbers of the release */
	uint64_t high;
	uint64_t low;
	enum version_pre pre;
	struct str text; /* as written, white space off */
	struct str release; /* digits and dots, "1.2.3" */
	struct str epoch; /* digits; empty is 0 */
	struct str pre_number; /* digits; empty is 0 */
	struct str post_number;
	struct str dev_number;
	struct str local; /* without '+', as written */
};

/* Parses the whole of text, white space around it allowed. 0, or ERR_INVALID with a sentence. */
int version_parse(struct str text, struct version *out, struct err *e);
bool version_is_valid(struct str text);

/* The longest version at the start of text, for grammars that embed one: returns its bytes, 0 if
 * there is none. No white space is skipped. */
size_t version_scan(struct str text, struct version *out);

/* <0, 0, >0 in PEP 440 order ("Summary of permitted suffixes and relative ordering"). */
int version_compare(const struct version *a, const struct version *b);
/* The same with both local parts left out. */
int version_compare_public(const struct version *a, const struct version *b);

/* True if v, local part left out, comes before the lowest of limit's own pre-releases, LIMIT.dev0;
 * limit is no pre-release itself. */
bool version_is_below_dev0(const struct version *v, const struct version *limit);

/* Compares digit runs as numbers of any size; empty is 0. */
int version_compare_digits(struct str a, struct str b);

/* True if v's epoch and the first `parts` numbers of its release (zeros added as needed) are those
 * of `prefix`: the rule of `==1.2.*` (parts 2). */
bool version_has_prefix(const struct version *v, const struct version *prefix, size_t parts);
size_t version_release_parts(const struct version *v);
/* The release number at index (0 is major); "0" where there is none. */
struct str version_release_part(const struct version *v, size_t index);

/* A pre-release in the sense of PEP 440 is an alpha, beta, rc or dev release. */
bool version_is_prerelease(const struct version *v);

/* Adds the normalised text, as str(Version) gives it; trailing zeros of the release are kept. */
void version_write(const struct version *v, struct buf *out);
/* The same without the local part. */
void version_write_public(const struct version *v, struct buf *out);
