/* Compatibility tags: PEP 425, 600 (manylinux), 656 (musllinux), 703 and 803 (free-threaded, abi3t).
 * Which tags a target accepts, and in which order, follows from it by rule, as pip 26.3 computes
 * them there; no list is ever made. */
#pragma once

#include "core/base/str.h"

enum tag_platform { TAG_MANYLINUX, TAG_MUSLLINUX, TAG_WINDOWS };

struct tag_target {
	int python_major; /* 3 */
	int python_minor;
	bool free_threaded;
	enum tag_platform platform;
	int libc_major; /* of glibc or musl; 0 on Windows */
	int libc_minor;
	struct str arch; /* "aarch64", "arm64" (Windows), "x86_64", "amd64"; must outlive the struct */
};

/* The priority of one tag, 0 is the best; -1 if it does not fit. Letters are compared without regard
 * to case. */
int tag_rank(
	const struct tag_target *target, struct str python, struct str abi, struct str platform);

/* How many tags the target accepts: ranks are [0, tag_count). */
int tag_count(const struct tag_target *target);

/* Writes the tag of a rank, "cp313-cp313-win_arm64"; false if rank is out of range. */
bool tag_at(const struct tag_target *target, int rank, struct buf *out);

/* The platform part alone: its place among the target's platform tags, -1 if it does not fit. "any"
 * is not one. */
int tag_platform_rank(const struct tag_target *target, struct str platform);
/* True if the tag's python and abi fit the target whatever the platform (and abi is not none):
 * the question behind `lost_accelerator` and `emulated_alternative`. */
bool tag_fits_interpreter(const struct tag_target *target, struct str python, struct str abi);
