/* Images: recipes/images/NAME.yaml, the few lines of data from which a Debian root is made. */
#pragma once

#include "core/base/mem.h"
#include "core/farm_protocol/job.h"

struct recipe_image {
	const char *name; /* "trixie-amd64-builder" */
	int64_t revision; /* a higher one makes new jobs */
	const char *suite; /* "trixie" */
	const char *architecture; /* "amd64", "arm64" */
	const char *variant; /* "minbase" */
	const char *role; /* "builder", "tester", "control" */
	const char *
		target; /* of a control: what it builds and runs, "cp313-manylinux_2_41_x86_64"; else NULL */
	/* "debian"; "wine-arm64": Wine and CPythons for Windows on top; "windows": what is installed on a machine
	 * that runs it, made by nobody here */
	const char *kind;
	struct json_texts packages;
	struct json_texts pythons; /* of the last two: "3.13", … */
	const char *file;
};

struct image_set {
	struct arena arena;
	struct recipe_image *v; /* sorted by name */
	size_t n;
};

/* Reads FOLDER/images/NAME.yaml, all of them; errors "FILE:LINE: what". The caller finishes, also
 * after an error. */
int image_set_load(const char *folder, struct image_set *out, struct err *e);
void image_set_finish(struct image_set *s);
const struct recipe_image *image_set_find(const struct image_set *s, struct str name);

/* Is it made whatever the configuration? The others take long and only a configuration asks for them. */
bool recipe_image_is_plain(const struct recipe_image *image);

/* Is it made by tools/prepare at all, for a configuration that asks for it? */
bool recipe_image_is_made(const struct recipe_image *image);

/* The operating system of an agent that has it: "linux", "windows". */
const char *recipe_image_os(const struct recipe_image *image);

/* The executor by which an image that no target file names tests `target`: "wine"; NULL if it cannot. */
const char *recipe_image_executor(
	const struct recipe_image *image, const struct job_target *target);
