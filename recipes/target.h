/* Targets as data: recipes/targets/NAME.yaml. One file says which Python on which platform, and where
 * and with what it is built and tested; what follows from the name by rule (tags, markers, the
 * extension suffix) is not written there. */
#pragma once

#include "core/base/mem.h"
#include "core/farm_protocol/job.h"
#include "core/pep/target.h"

/* One way to build for a target: `modes` of a configuration choose among them. */
struct recipe_build {
	const char *mode; /* "cross", "emulated", "native" */
	const char *toolchain; /* "cross-zig" */
	const char *version; /* "cross-zig zig-0.17.1", part of a job's key */
	const char *builder; /* image name */
};

struct recipe_target {
	struct pep_target pep;
	struct job_target job;
	const char *family; /* "glibc", "musl", "windows" */
	const char *short_name; /* besides the platform, "aarch64"; NULL for most */
	/* the ways in which it can be built, the usual one first; none: only its published fact */
	const struct recipe_build *builds;
	size_t build_count;
	/* where it is tested; NULL or "" where nothing can */
	const char *tester; /* image name; NULL: no image can run it */
	const char *executor; /* "qemu", "native", "" where there is no tester */
	const char *file; /* path, for messages */
	char object[41]; /* git object id of the file */
};

struct target_set {
	struct arena arena;
	struct recipe_target *v; /* sorted by name */
	size_t n;
};

/* Reads FOLDER/targets/NAME.yaml, all of them. Any bad file is an error "FILE:LINE: what": without
 * its targets a farm has no questions. The caller finishes, also after an error. */
int target_set_load(const char *folder, struct target_set *out, struct err *e);
void target_set_finish(struct target_set *s);

const struct recipe_target *target_set_find(const struct target_set *s, struct str name);

/* The target's way of building by `word`: a toolchain's name, or a mode, of which the first is meant;
 * NULL: the usual one. NULL if there is none such. */
const struct recipe_build *recipe_target_build(const struct recipe_target *t, const char *word);

/* The same; of a target that nothing builds for, the way of another Python of its platform, whose builder has the
 * pip that installs published wheels. NULL if there is none. */
const struct recipe_build *target_set_build(
	const struct target_set *s, const struct recipe_target *t, const char *word);

/* As people may write it: a whole name; "cp314-aarch64"; or only a platform or short name
 * ("win_arm64", "aarch64"), which takes `python` ("cp313"). NULL and a sentence if there is none. */
const struct recipe_target *target_set_resolve(
	const struct target_set *s, struct str text, const char *python, struct err *e);
