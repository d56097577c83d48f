#include "agent/toolchain_sdk.h"

#include "core/io/file.h"
#include "core/io/json.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENV_BYTES = 64 * 1024, LOCK_BYTES = 1 << 20 };

/* What makes a build a cross build; a builder of the target's own kind needs no word of it. */
static const char *const cross_names[] = {"CARGO_BUILD_TARGET", "CMAKE_TOOLCHAIN_FILE",
	"PYO3_CROSS", "PYO3_CROSS_LIB_DIR", "PYO3_CROSS_PYTHON_VERSION", "_PYTHON_HOST_PLATFORM"};
/* The first is for cross builds. The other: else its name is random, and some packages write it into
 * their wheel. */
static const struct toolchain_setting settings[] = {
	{"mesonpy", "setup-args=--cross-file=" INSIDE_SDK "/meson.cross"},
	{"mesonpy", "build-dir=.mesonpy-wheelfarm"},
};

bool toolchain_sdk_present(const char *cache)
{
	char *sdk = file_join(cache, "sdk");
	bool there = access(sdk, R_OK | X_OK) == 0;
	free(sdk);
	return there;
}

static bool is_of_cross(struct str name)
{
	for (size_t i = 0; i < sizeof(cross_names) / sizeof(*cross_names); i++) {
		if (str_is(name, cross_names[i])) {
			return true;
		}
	}
	return false;
}

/* build.env of the SDK, NAME=value a line. */
static int read_env(const char *cache, const char *sdk, bool cross, struct arena *a,
	struct toolchain_use *out, struct err *e)
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
		ptrdiff_t equals = str_find(line, '=');
		if (equals <= 0) {
			code = err_set(e, ERR_INVALID, "%s: not NAME=value: %.*s", path, STR_ARG(line));
		} else if (cross || !is_of_cross(str_slice(line, 0, (size_t)equals))) {
			text_list_addf(&out->env, a, "%.*s", STR_ARG(line));
		}
	}
	buf_finish(&bytes);
	return code;
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

/* The files that build systems read, for who wants to know later what they were told; the last two are
 * for cross builds. */
static int read_description(const char *cache, const char *sdk, bool cross, struct arena *a,
	struct toolchain_use *out, struct err *e)
{
	static const char *const names[] = {
		"target.env", "python/_sysconfigdata_wheelfarm.py", "toolchain.cmake", "meson.cross"};
	size_t n = cross ? 4 : 2;
	struct buf text = {0};
	int code = 0;
	for (size_t i = 0; code == 0 && i < n; i++) {
		const char *path = arena_printf(a, "%s/%s/%s", cache, sdk, names[i]);
		buf_printf(&text, "== %s\n", names[i]);
		code = file_read(path, LOCK_BYTES, &text, e);
	}
	out->description = arena_copy(a, text.n != 0 ? text.p : "", text.n);
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
			arena_printf(a, INSIDE_HOST "/%s", names->v[i]));
		const char *made = toolchain_line(cache, arena_printf(a, "%s/identity", below), a);
		out->lock = arena_printf(a, "%slibrary %s %s\n", out->lock, names->v[i], made);
		buf_printf(&paths, "%s" INSIDE_HOST "/%s/lib/pkgconfig", i != 0 ? ":" : "", names->v[i]);
	}
	if (code == 0 && names->n != 0) {
		text_list_addf(&out->env, a, "PKG_CONFIG_LIBDIR=%s", paths.p);
	}
	buf_finish(&paths);
	return code;
}

int toolchain_sdk_use(const struct job *job, const char *cache, bool cross, struct arena *a,
	struct toolchain_use *out, const char **sdk, struct err *e)
{
	const struct job_target *target = &job->target;
	*sdk = toolchain_newest(cache, "sdk", target->name, a);
	if (*sdk == NULL) {
		return err_set(
			e, ERR_UNSUPPORTED, "%s: no SDK for %s in %s/sdk", job->toolchain, target->name, cache);
	}
	int code = read_env(cache, *sdk, cross, a, out, e);
	if (code == 0) {
		code = read_lock(cache, *sdk, a, out, e);
	}
	if (code == 0) {
		code = read_description(cache, *sdk, cross, a, out, e);
	}
	if (code == 0 && cross) {
		add_view(job, a, out);
	}
	if (code == 0) {
		code = add_libraries(job, cache, a, out, e);
	}
	if (code != 0) {
		return code;
	}
	text_list_add(&out->path, a, INSIDE_SDK "/bin");
	toolchain_bind(out, a, arena_printf(a, "%s/%s", cache, *sdk), INSIDE_SDK);
	/* the target's headers in the place where the builder's Python looks for its own */
	toolchain_bind(out, a, arena_printf(a, "%s/%s/include", cache, *sdk),
		arena_printf(a, "/usr/include/python%s", target->python));
	out->settings = cross ? settings : settings + 1;
	out->setting_count = sizeof(settings) / sizeof(*settings) - !cross;
	return 0;
}

void toolchain_sdk_zig(const char *cache, struct arena *a, struct toolchain_use *out)
{
	text_list_add(&out->env, a, "ZIG_GLOBAL_CACHE_DIR=" INSIDE_CACHE);
	text_list_add(&out->env, a, "ZIG_LOCAL_CACHE_DIR=" INSIDE_CACHE "/local");
	toolchain_bind(out, a, arena_printf(a, "%s/zig", cache), INSIDE_ZIG);
}
