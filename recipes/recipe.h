/* Recipes: recipes/packages/NAME.yaml, a small difference from a plain build. Most packages have
 * none. A recipe that does not load disables its own package only, with the sentence why. */
#pragma once

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/farm_protocol/job.h"
#include "core/farm_protocol/reason.h"

/* Where an entry applies: a target's name, "*", or "*-PLATFORM" / "cpXY-*" (one '*' at an end). */
bool recipe_target_matches(const char *pattern, struct str target);

struct recipe_env {
	const char *target; /* pattern */
	const char *name;
	const char *value;
};

struct recipe_library {
	const char *target; /* pattern */
	const char *name;
};

struct recipe_patch {
	const char *file; /* beside the recipe, patches/NAME/FILE */
	const char *sha256;
	const char *target; /* pattern, "*" if not given */
	const char *upstream; /* URL, or why it was not sent */
	int64_t strip;
	char object[41]; /* git object id of the patch file */
	const char *path;
};

struct recipe_skip {
	const char *target; /* pattern */
	enum reason code; /* what it would fail with */
	const char *reason; /* a sentence for people */
	const char *link;
	const char *review_by; /* YYYY-MM-DD: from the day after on it is tried again */
};

/* A test that is left out, and why. */
struct recipe_deselect {
	const char *id; /* as pytest's --deselect takes it */
	const char *target; /* pattern, "*" if not given */
	const char *reason;
};

struct recipe {
	const char *name; /* normalised */
	const char *versions; /* PEP 440 specifier it holds for; "" for all */
	int64_t revision;
	struct recipe_env *env;
	size_t env_count;
	struct json_texts tools; /* what the build needs besides the compiler: "rust" */
	struct recipe_library
		*libraries; /* C libraries of the target, made by tools/prepare/library.sh */
	size_t library_count;
	struct json_texts as_target; /* patterns: there the sdist's code sees the target's system */
	struct json_texts requires_add; /* PEP 508 */
	struct json_texts requires_remove; /* names */
	struct json_texts config_settings; /* "key=value" */
	struct recipe_patch *patches;
	size_t patch_count;
	struct json_texts imports;
	struct json_texts test_requires;
	struct json_texts test_command; /* argv */
	struct json_texts test_sources; /* paths in the source: only these lie beside the tests */
	struct recipe_env *test_env;
	size_t test_env_count;
	struct recipe_deselect *deselects;
	size_t deselect_count;
	int64_t min_tests;
	struct job_limits limits; /* 0: the farm's own */
	struct recipe_skip *skips;
	size_t skip_count;
	const char *file;
	char object[41]; /* git object id of the file */
};

/* Reads and checks one file; everything lives in `arena`. `folder` is the recipe tree. 0, or an error
 * "FILE:LINE: what" (unknown key, bad value, patch without its file or with another hash, …). */
int recipe_load(
	const char *folder, const char *file, struct arena *arena, struct recipe *out, struct err *e);

struct recipe_problem {
	const char *name; /* of the package it disables */
	const char *text; /* "FILE:LINE: what" */
};
struct recipe_set {
	struct arena arena;
	struct recipe *v; /* sorted by name */
	size_t n;
	struct recipe_problem *problems;
	size_t problem_count;
};

/* Reads FOLDER/packages/NAME.yaml, all of them. Fails only if the folder cannot be read (an absent
 * one has no recipes). The caller finishes, also after an error. */
int recipe_set_load(const char *folder, struct recipe_set *out, struct err *e);
void recipe_set_finish(struct recipe_set *s);
/* The recipe of a package, or NULL; *problem is set if it has a bad one. */
const struct recipe *recipe_set_find(
	const struct recipe_set *s, struct str name, const char **problem);
/* True if the recipe holds for this version. */
bool recipe_admits(const struct recipe *r, struct str version);
/* True if the sdist's own code shall see sys.platform and os.name of this target. */
bool recipe_as_target(const struct recipe *r, struct str target);
/* The entry that says not to try this target today (YYYY-MM-DD), or NULL: one that is past its
 * review_by says nothing any more, so what works by now shows itself. */
const struct recipe_skip *recipe_skip_find(
	const struct recipe *r, struct str target, const char *today);
bool recipe_skip_expired(const struct recipe_skip *skip, const char *today);
