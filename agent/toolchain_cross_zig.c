/* cross-zig: zig's C and C++ compiler on this machine, for any target that has an SDK in the cache
 * (made by tools/prepare). The SDK is the target's description in every build system's dialect; what
 * is added here is where things are mounted and where zig may write. */
#include "agent/toolchain.h"
#include "core/io/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENV_BYTES = 64 * 1024, LOCK_BYTES = 1 << 20 };

#define SDK INSIDE "/sdk"
#define ZIG INSIDE "/zig"

static const struct toolchain_setting settings[] = {
	{"mesonpy", "setup-args=--cross-file=" SDK "/meson.cross"},
};

static bool present(const char *cache)
{
	char *zig = file_join(cache, "zig/zig");
	char *sdk = file_join(cache, "sdk");
	bool there = access(zig, X_OK) == 0 && access(sdk, R_OK | X_OK) == 0;
	free(zig);
	free(sdk);
	return there;
}

/* The newest revision of the target's SDK that is complete, "sdk/cp313-win_arm64-1"; NULL if none. */
static const char *find_sdk(const char *cache, const char *target, struct arena *a)
{
	const char *found = NULL;
	uint64_t best = 0;
	char *folder = file_join(cache, "sdk");
	DIR *all = opendir(folder);
	free(folder);
	if (all == NULL) {
		return NULL;
	}
	for (struct dirent *entry = readdir(all); entry != NULL; entry = readdir(all)) {
		struct str name = str_from(entry->d_name);
		ptrdiff_t dash = str_find_last(name, '-');
		uint64_t revision = 0;
		if (dash < 0 || !str_is(str_slice(name, 0, (size_t)dash), target) ||
			!str_to_u64(str_slice(name, (size_t)dash + 1, name.n), &revision) ||
			(found != NULL && revision < best)) {
			continue;
		}
		const char *below = arena_printf(a, "sdk/%s", entry->d_name);
		if (toolchain_line(cache, arena_printf(a, "%s/identity", below), a)[0] != '\0') {
			best = revision;
			found = below;
		}
	}
	closedir(all);
	return found;
}

/* build.env of the SDK, NAME=value a line. */
static int read_env(
	const char *cache, const char *sdk, struct arena *a, struct toolchain_use *out, struct err *e)
{
	struct buf bytes = {0};
	const char *path = arena_printf(a, "%s/%s/build.env", cache, sdk);
	int code = file_read(path, ENV_BYTES, &bytes, e);
	struct str rest = buf_view(&bytes);
	struct str line;
	while (code == 0 && str_split(&rest, '\n', &line)) {
		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#') {
			continue;
		}
		if (str_find(line, '=') <= 0) {
			code = err_set(e, ERR_INVALID, "%s: not NAME=value: %.*s", path, STR_ARG(line));
		} else {
			text_list_addf(&out->env, a, "%.*s", STR_ARG(line));
		}
	}
	buf_finish(&bytes);
	return code;
}

static const char *identity(const char *cache, const char *sdk, struct arena *a)
{
	/* "ziglang==0.17.1 …" is what the tools are locked to; the folder says which */
	const char *version = toolchain_line(cache, "zig-version", a);
	return arena_printf(a, "zig%s%s, %s", version[0] != '\0' ? " " : "", version, sdk);
}

/* The hashes of the packages that the SDK was made of, and what it tells compilers. */
static int read_lock(
	const char *cache, const char *sdk, struct arena *a, struct toolchain_use *out, struct err *e)
{
	static const char *const names[] = {"identity", "build.env"};
	struct buf text = {0};
	int code = 0;
	for (size_t i = 0; code == 0 && i < sizeof(names) / sizeof(*names); i++) {
		const char *path = arena_printf(a, "%s/%s/%s", cache, sdk, names[i]);
		code = file_read(path, LOCK_BYTES, &text, e);
	}
	out->lock = arena_copy(a, text.n != 0 ? text.p : "", text.n);
	buf_finish(&text);
	return code;
}

static void bind(struct toolchain_use *out, struct arena *a, const char *from, const char *to)
{
	struct sandbox_spec spec = {.binds = out->binds};
	sandbox_bind(&spec, a, from, to, false);
	out->binds = spec.binds;
}

static int describe(const struct job *job, const char *cache, struct arena *a,
	struct toolchain_use *out, struct err *e)
{
	const struct job_target *target = &job->target;
	const char *sdk = find_sdk(cache, target->name, a);
	if (sdk == NULL) {
		return err_set(
			e, ERR_UNSUPPORTED, "cross-zig: no SDK for %s in %s/sdk", target->name, cache);
	}
	int code = read_env(cache, sdk, a, out, e);
	if (code == 0) {
		code = read_lock(cache, sdk, a, out, e);
	}
	if (code != 0) {
		return code;
	}
	text_list_add(&out->env, a, "ZIG_GLOBAL_CACHE_DIR=" INSIDE_CACHE);
	text_list_add(&out->env, a, "ZIG_LOCAL_CACHE_DIR=" INSIDE_CACHE "/local");
	text_list_add(&out->path, a, SDK "/bin");
	bind(out, a, arena_printf(a, "%s/zig", cache), ZIG);
	bind(out, a, arena_printf(a, "%s/%s", cache, sdk), SDK);
	/* the target's headers in the place where the builder's Python looks for its own */
	bind(out, a, arena_printf(a, "%s/%s/include", cache, sdk),
		arena_printf(a, "/usr/include/python%s", target->python));
	/* a copy and not a read-only mount, because zig opens its manifests for writing */
	const char *seed = arena_printf(a, "%s/zig-seed%s", cache, strrchr(sdk, '/'));
	out->seed = access(seed, R_OK | X_OK) == 0 ? seed : NULL;
	out->settings = settings;
	out->setting_count = sizeof(settings) / sizeof(*settings);
	out->identity = identity(cache, sdk, a);
	return 0;
}

const struct toolchain toolchain_cross_zig = {
	.name = "cross-zig",
	.present = present,
	.describe = describe,
};
