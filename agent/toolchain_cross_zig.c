/* cross-zig: zig's C and C++ compiler on this machine, for any target that has an SDK in the cache. The
 * SDK's wrappers call it. */
#include "agent/toolchain_sdk.h"
#include "core/io/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool present(const char *cache)
{
	char *zig = file_join(cache, "zig/zig");
	bool there = access(zig, X_OK) == 0 && toolchain_sdk_present(cache);
	free(zig);
	return there;
}

static int describe(const struct job *job, const char *cache, struct arena *a,
	struct toolchain_use *out, struct err *e)
{
	const char *sdk;
	int code = toolchain_sdk_use(job, cache, true, a, out, &sdk, e);
	if (code != 0) {
		return code;
	}
	toolchain_sdk_zig(cache, a, out);
	/* a copy and not a read-only mount, because zig opens its manifests for writing */
	const char *seed = arena_printf(a, "%s/zig-seed%s", cache, strrchr(sdk, '/'));
	if (access(seed, R_OK | X_OK) == 0) {
		text_list_add(&out->seeds, a, seed);
	}
	/* "ziglang==0.17.1 …" is what the tools are locked to; the folder says which */
	const char *version = toolchain_line(cache, "zig-version", a);
	out->identity = arena_printf(a, "zig%s%s, %s", version[0] != '\0' ? " " : "", version, sdk);
	return 0;
}

const struct toolchain toolchain_cross_zig = {
	.name = "cross-zig",
	.cross = true,
	.present = present,
	.describe = describe,
};
