/* Targets as data: recipes/targets/NAME.yaml. One file says which Python on which platform, and where
 * and with what it is built and tested; what follows from the name by rule (tags, markers, the
 * extension suffix) is not written there. */
#pragma once

#include "core/base/mem.h"
#include "core/farm_protocol/job.h"
#include "core/pep/target.h"

struct recipe_target {
	struct pep_target pep;
	struct job_target job;
	const char *family; /* "glibc", "musl", "windows" */
	const char *short_name; /* besides the platform, "aarch64"; NULL for most */
	/* where it is built and tested; NULL or "" where nothing can */
	const char *builder; /* image name; NULL: not buildable here, only its published fact */
	const char *toolchain; /* "cross-zig"; NULL likewise */
	const char *toolchain_version; /* "cross-zig zig-0.17.1", part of a job's key; NULL likewise */
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

/* As people may write it: a whole name; "cp314-aarch64"; or only a platform or short name
 * ("win_arm64", "aarch64"), which takes `python` ("cp313"). NULL and a sentence if there is none. */
const struct recipe_target *target_set_resolve(
	const struct target_set *s, struct str text, const char *python, struct err *e);
