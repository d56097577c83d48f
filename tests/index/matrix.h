/* Which wheels a project of some style publishes in some month: the tags as real pages had them then.
 * A month is counted from January of year 0. */
#pragma once

#include "tests/index/random.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	MATRIX_MAX = 256, /* wheels of one release at most */
	MATRIX_TAG = 128,
};

#define MONTH(year, month) ((year)*12 + (month)-1)

enum matrix_kind {
	MATRIX_PURE, /* py3-none-any */
	MATRIX_SDIST, /* no wheel at all */
	MATRIX_PYTHONS, /* a wheel for each Python and platform */
	MATRIX_ACCELERATOR, /* the same and a pure one beside them */
	MATRIX_ABI3, /* one a platform, and free-threaded ones */
	MATRIX_PROGRAM, /* py3-none-PLATFORM */
};

struct matrix_style {
	enum matrix_kind kind;
	uint32_t platforms; /* bits of the platforms it cares for */
	unsigned variant; /* how it spells manylinux: 0, 1 or 2 */
	int win_arm64_from; /* month; others have their own dates */
	bool pypy;
	bool free_threaded;
	bool keeps_old; /* Pythons a year after their end */
	const char *abi3; /* "cp37-abi3" */
};

/* A style for a project with so many files: small ones are mostly pure, large ones mostly have a
 * wheel for each Python and platform. */
void matrix_style_draw(struct random *r, uint32_t files, struct matrix_style *out);

struct matrix {
	size_t n;
	char tags[MATRIX_MAX][MATRIX_TAG]; /* "cp313-cp313-win_arm64", sorted */
};
/* `dropped`: platforms whose build failed for this release. */
void matrix_fill(const struct matrix_style *s, int month, uint32_t dropped, struct matrix *out);
/* One of the ARM platforms, as the bit of it. */
uint32_t matrix_draw_arm(struct random *r);
