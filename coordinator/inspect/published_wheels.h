/* Which files of a package a round has to look at. */
#pragma once

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/inspect/wheel.h"

struct store;

struct published_wheel {
	int64_t package;
	const char *name; /* of the package */
	const char *version;
	const char *filename;
	const char *url; /* as the index has it, resolved */
	const char *sha256;
};
struct published_wheels {
	struct published_wheel *v;
	size_t n;
	size_t known; /* files that need no look */
	size_t nameless; /* files whose hash the index does not tell */
};

/* The files of all published facts `wheel` of a package, each once. Files in `seen` (by hash) are left
 * out, new ones are put there. A package that the database lacks has none. Blocking. */
int published_wheels_find(struct store *s, const char *package, enum wheel_depth depth,
	struct map *seen, struct arena *arena, struct published_wheels *out, struct err *e);
