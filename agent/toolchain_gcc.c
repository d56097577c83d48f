/* gcc and cross-gcc: Debian's GCC (tools/prepare/gcc.sh) behind the names of an SDK's wrappers. `gcc` runs on
 * the target's own machine or is emulated, in an image of that architecture; `cross-gcc` runs on x86-64. */
#include "agent/toolchain_sdk.h"

#include <string.h>

static bool has(const char *cache, const char *architecture)
{
	struct arena a = {0};
	bool there = toolchain_newest(cache, "gcc", architecture, &a) != NULL;
	arena_finish(&a);
	return there && toolchain_sdk_present(cache);
}

static bool present(const char *cache)
{
	return has(cache, "arm64");
}

static bool cross_present(const char *cache)
{
	return has(cache, "amd64");
}

static int use_gcc(const struct job *job, const char *cache, const char *architecture,
	struct arena *a, struct toolchain_use *out, struct err *e)
{
	bool cross = strcmp(architecture, "amd64") == 0;
	const char *gcc = toolchain_newest(cache, "gcc", architecture, a);
	const char *sdk;
	if (gcc == NULL || strcmp(job->target.os, "linux") != 0) {
		return err_set(e, ERR_UNSUPPORTED, "%s: nothing for %s: tools/prepare/gcc.sh %s makes GCC",
			job->toolchain, job->target.name, architecture);
	}
	int code = toolchain_sdk_use(job, cache, cross, a, out, &sdk, e);
	if (code != 0) {
		return code;
	}
	if (cross) {
		toolchain_sdk_zig(
			cache, a, out); /* compiles what runs on the builder: build scripts of Rust */
	}
	out->on_target = !cross;
	const char *folder = arena_printf(a, "%s/%s", cache, gcc);
	toolchain_bind(out, a, folder, INSIDE_GCC);
	toolchain_bind(out, a, arena_printf(a, "%s/bin", folder), INSIDE_SDK "/bin");
	const char *identity = toolchain_line(cache, arena_printf(a, "%s/identity", gcc), a);
	out->lock = arena_printf(a, "%s%s\n", out->lock, identity);
	out->identity = arena_printf(a, "%s, %s", identity, sdk);
	return 0;
}

static int describe(const struct job *job, const char *cache, struct arena *a,
	struct toolchain_use *out, struct err *e)
{
	return use_gcc(job, cache, "arm64", a, out, e);
}

static int cross_describe(const struct job *job, const char *cache, struct arena *a,
	struct toolchain_use *out, struct err *e)
{
	return use_gcc(job, cache, "amd64", a, out, e);
}

const struct toolchain toolchain_gcc = {
	.name = "gcc",
	.present = present,
	.describe = describe,
};
const struct toolchain toolchain_cross_gcc = {
	.name = "cross-gcc",
	.cross = true,
	.present = cross_present,
	.describe = cross_describe,
};
