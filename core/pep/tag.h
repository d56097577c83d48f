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

/* A tag read once, for who asks about many targets. Its rank follows from two independent parts:
 * the group that python and abi belong to, and within it the place of the platform. */

/* The python and abi parts. */
struct tag_interpreter {
	enum tag_python { TAG_PYTHON_OTHER, TAG_PYTHON_CPYTHON, TAG_PYTHON_GENERIC } python;
	int major;
	int minor; /* -1: not said, "py3" */
	enum tag_abi {
		TAG_ABI_OTHER,
		TAG_ABI_NONE,
		TAG_ABI_STABLE, /* abi3 */
		TAG_ABI_STABLE_FREE, /* abi3t, PEP 803 */
		TAG_ABI_OWN, /* cpXY */
		TAG_ABI_OWN_FREE, /* cpXYt */
	} abi;
	int abi_major;
	int abi_minor;
};
struct tag_interpreter tag_interpreter_parse(struct str python, struct str abi);

/* The platform part. */
struct tag_system {
	enum tag_system_kind {
		TAG_SYSTEM_OTHER,
		TAG_SYSTEM_ANY,
		TAG_SYSTEM_LINUX, /* linux_ARCH */
		TAG_SYSTEM_MANYLINUX,
		TAG_SYSTEM_MUSLLINUX,
		TAG_SYSTEM_WINDOWS,
	} kind;
	bool old_name; /* manylinux1, 2010, 2014 */
	int libc_major;
	int libc_minor;
	struct str arch; /* a view onto the tag */
};
struct tag_system tag_system_parse(struct str platform);

/* With a platform other than "any": the group, 0 is the best; -1 if it does not fit. Tags of a lower
 * group go before all of a higher one. */
int tag_interpreter_group(const struct tag_target *target, const struct tag_interpreter *i);
/* With the platform "any": the place among those tags, all of which go behind every group; -1 if it
 * does not fit. */
int tag_interpreter_any(const struct tag_target *target, const struct tag_interpreter *i);
/* The place of the platform within a group, -1 if it does not fit. */
int tag_system_rank(const struct tag_target *target, const struct tag_system *s);

/* True if python and abi fit the target whatever the platform, and abi is not none: the question
 * behind `lost_accelerator` and `emulated_alternative`. */
bool tag_fits_interpreter(const struct tag_target *target, const struct tag_interpreter *i);
