/* The second verdict on a package: whether it and all it needs can be had where the wheels count, too, that
 * this farm made and found clean (coordinator/depend/with_built.h). */
#pragma once

#include "coordinator/store/file.h"

enum { WITH_BUILT_SAME = '.' }; /* the first verdict says it already */

/* Names of packages with such wheels. In `arena`. */
int store_with_built_packages(
	struct store *s, struct arena *arena, const char ***out, size_t *count, struct err *e);
/* Names of packages that have a second verdict on some target. In `arena`. */
int store_with_built_told(
	struct store *s, struct arena *arena, const char ***out, size_t *count, struct err *e);

/* Both verdicts as they are stored: letters by target id. */
struct store_with_built {
	int64_t package; /* 0: there is no such package */
	struct str dependencies;
	struct str letters; /* empty: the first everywhere */
};
int store_with_built_get(struct store *s, struct str name, struct arena *arena,
	struct store_with_built *out, struct err *e);
/* The second alone. */
int store_with_built_letters(
	struct store *s, int64_t package, struct arena *arena, struct str *out, struct err *e);
/* Writes. */
int store_with_built_put(struct store *s, int64_t package, struct str letters, struct err *e);
