/* cross-zig: zig's C and C++ compiler on this machine, for any target that has an SDK in the cache
 * (made by tools/prepare). The SDK is the target's description in every build system's dialect; what
 * is added here is where things are mounted and where zig may write. */
#include "agent/toolchain.h"
#include "core/io/file.h"
#include "core/io/json.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENV_BYTES = 64 * 1024, LOCK_BYTES = 1 << 20 };

#define SDK INSIDE "/sdk"
#define ZIG INSIDE "/zig"
#define HOST INSIDE "/host"

static const struct toolchain_setting settings[] = {
	{"mesonpy", "setup-args=--cross-file=" SDK "/meson.cross"},
	/* else its name is random, and some packages write it into their wheel */
	{"mesonpy", "build-dir=.mesonpy-wheelfarm"},
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

/* What a setup.py is told about the system it builds for (probe/target_view.py). */
static void add_view(const struct job *job, struct arena *a, struct toolchain_use *out)
{
	const struct job_target *t = &job->target;
	bool windows = strcmp(t->os, "windows") == 0;
	struct buf text = {0};
	struct json_writer w;
	json_writer_init(&w, &text, true);
	json_object_begin(&w);
	json_kv_text(
		&w, "machine", windows ? "ARM64" : t->arch); /* as the target's platform.machine() */
	if (windows && job->recipe.as_target) {
		json_kv_text(&w, "platform", "win32");
		json_kv_text(&w, "os_name", "nt");
		json_kv_text(
			&w, "version", arena_printf(a, "%s (main) [Clang 64 bit (ARM64)]", t->python_full));
	}
	json_object_end(&w);
	json_writer_finish(&w);
	buf_add_char(&text, '\0');
	toolchain_add_file(out, a, "target.json", false, text.p);
	buf_finish(&text);
}

/* The target's C libraries that the recipe asks for; the wrappers and pkg-config look there. */
static int add_libraries(const struct job *job, const char *cache, struct arena *a,
	struct toolchain_use *out, struct err *e)
{
	const struct json_texts *names = &job->recipe.libraries;
	const char *kind = arena_printf(a, "library/%s", job->target.platform);
	struct buf paths = {0};
	int code = 0;
	for (size_t i = 0; i < names->n && code == 0; i++) {
		const char *below = toolchain_newest(cache, kind, names->v[i], a);
		if (below == NULL) {
			code = err_set(e, ERR_NOT_FOUND,
				"no library %s for %s on this agent: tools/prepare/library.sh makes it",
				names->v[i], job->target.platform);
			break;
		}
		toolchain_bind(out, a, arena_printf(a, "%s/%s", cache, below),
			arena_printf(a, HOST "/%s", names->v[i]));
		const char *made = toolchain_line(cache, arena_printf(a, "%s/identity", below), a);
		out->lock = arena_printf(a, "%slibrary %s %s\n", out->lock, names->v[i], made);
		buf_printf(&paths, "%s" HOST "/%s/lib/pkgconfig", i != 0 ? ":" : "", names->v[i]);
	}
	if (code == 0 && names->n != 0) {
		text_list_addf(&out->env, a, "PKG_CONFIG_LIBDIR=%s", paths.p);
	}
	buf_finish(&paths);
	return code;
}

static int describe(const struct job *job, const char *cache, struct arena *a,
	struct toolchain_use *out, struct err *e)
{
	const struct job_target *target = &job->target;
	const char *sdk = toolchain_newest(cache, "sdk", target->name, a);
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
	add_view(job, a, out);
	code = add_libraries(job, cache, a, out, e);
	if (code != 0) {
		return code;
	}
	toolchain_bind(out, a, arena_printf(a, "%s/zig", cache), ZIG);
	toolchain_bind(out, a, arena_printf(a, "%s/%s", cache, sdk), SDK);
	/* the target's headers in the place where the builder's Python looks for its own */
	toolchain_bind(out, a, arena_printf(a, "%s/%s/include", cache, sdk),
		arena_printf(a, "/usr/include/python%s", target->python));
	/* a copy and not a read-only mount, because zig opens its manifests for writing */
	const char *seed = arena_printf(a, "%s/zig-seed%s", cache, strrchr(sdk, '/'));
	if (access(seed, R_OK | X_OK) == 0) {
		text_list_add(&out->seeds, a, seed);
	}
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
