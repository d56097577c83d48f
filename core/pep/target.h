/* A target: one Python on one platform, what packages are asked about. Its accepted tags and its
 * marker environment follow from its name by rule; recipes/targets/NAME.yaml gives the full version
 * of Python and may override single marker values. */
#pragma once

#include "core/pep/marker.h"
#include "core/pep/tag.h"

enum { PEP_TARGET_TEXT = 64 };

/* A plain value: copy it freely, it owns nothing. */
struct pep_target {
	char name[PEP_TARGET_TEXT]; /* "cp313t-manylinux_2_28_aarch64" */
	char implementation[16]; /* "cpython" */
	int python_major;
	int python_minor;
	bool free_threaded;
	enum tag_platform platform;
	int libc_major; /* glibc or musl; 0 on Windows */
	int libc_minor;
	char arch[16]; /* as in the platform tag: "aarch64", "arm64" */
	char full_version[PEP_TARGET_TEXT]; /* python_full_version, "3.13.0" until set */
	char markers[MARKER_VARIABLE_COUNT][PEP_TARGET_TEXT];
};

/* Fills out from a name: `cpXY[t]-` and `win_arm64`, `win_amd64`, `manylinux_M_N_ARCH` or
 * `musllinux_M_N_ARCH`. 0 or ERR_INVALID. */
int pep_target_parse(struct str name, struct pep_target *out, struct err *e);

/* Sets python_full_version (and implementation_version, which CPython has the same); must be a
 * version of the target's own major.minor. */
int pep_target_set_full_version(struct pep_target *t, struct str version, struct err *e);

/* Overrides one marker value by its variable's name. */
int pep_target_set_marker(
	struct pep_target *t, struct str variable, struct str value, struct err *e);

/* Views onto t, which must outlive them. */
struct tag_target pep_target_tags(const struct pep_target *t);
struct marker_environment pep_target_environment(const struct pep_target *t);

/* "win_arm64", "manylinux_2_28_aarch64": the name's part after the first '-', a view onto t. */
struct str pep_target_platform(const struct pep_target *t);
/* The SOABI-like tag of the target's extension modules: "cp313", "cp313t". */
void pep_target_abi(const struct pep_target *t, char out[static 16]);
