/* msvc: Microsoft's compilers of a Windows machine, for its own kind or, from x64, for ARM64. Whoever sets the
 * machine up has vcvarsall.bat say once what it sets (docs/windows.md):
 *
 *   CACHE/msvc/PLATFORM-N/build.env   the output of `vcvarsall.bat … && set`
 *   CACHE/msvc/PLATFORM-N/libs/       Python's import libraries of that platform, for cross builds
 *   CACHE/msvc/PLATFORM-N/identity    "Visual Studio 2022 17.14", written last */
#include "agent/toolchain.h"
#include "agent/written.h"
#include "core/io/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { ENV_BYTES = 256 * 1024 };

#define MSVC INSIDE "/msvc"

/* Of all that `set` prints, what a compiler is found and run by; the rest is the person's who was there. */
static const char *const taken[] = {"INCLUDE", "EXTERNAL_INCLUDE", "LIB", "LIBPATH", "Platform",
	"UCRTVersion", "UniversalCRTSdkDir", "VCINSTALLDIR", "VCToolsInstallDir", "VCToolsRedistDir",
	"VCToolsVersion", "VSINSTALLDIR", "VSCMD_ARG_HOST_ARCH", "VSCMD_ARG_TGT_ARCH", "VSCMD_VER",
	"VisualStudioVersion", "WindowsLibPath", "WindowsSDKLibVersion", "WindowsSDKVersion",
	"WindowsSdkBinPath", "WindowsSdkDir", "WindowsSdkVerBinPath"};

static bool present(const char *cache)
{
	char *folder = file_join(cache, "msvc");
	DIR *all = opendir(folder);
	bool there = false;
	free(folder);
	for (struct dirent *entry; all != NULL && (entry = readdir(all)) != NULL;) {
		there = there || entry->d_name[0] != '.';
	}
	if (all != NULL) {
		closedir(all);
	}
	return there;
}

static bool is_taken(struct str name)
{
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
		if (str_equal_nocase(name, str_from(taken[i]))) {
			return true;
		}
	}
	return false;
}

/* The compiler's folders of a Path, at places inside, as all of a build's PATH are. */
static void add_path(struct str path, struct arena *a, struct toolchain_use *out)
{
	struct str folder;
	while (str_split(&path, ';', &folder)) {
		bool tools = str_find_text(folder, STR("Microsoft Visual Studio")) >= 0 ||
			str_find_text(folder, STR("Windows Kits")) >= 0;
		if (tools) {
			const char *inside = arena_printf(a, MSVC "/%zu", out->path.n);
			char *from = str_dup(folder);
			toolchain_bind(out, a, from, inside);
			text_list_add(&out->path, a, inside);
			free(from);
		}
	}
}

static int read_env(const char *path, struct arena *a, struct toolchain_use *out, struct err *e)
{
	struct buf bytes = {0};
	int code = written_read(path, ENV_BYTES, &bytes, e);
	struct str rest = buf_view(&bytes);
	struct str line;
	while (code == 0 && str_split(&rest, '\n', &line)) {
		line = str_trim(line);
		ptrdiff_t equals = str_find(line, '=');
		struct str name = str_slice(line, 0, equals > 0 ? (size_t)equals : 0);
		if (str_equal_nocase(name, STR("Path"))) {
			add_path(str_slice(line, name.n + 1, line.n), a, out);
		} else if (is_taken(name)) {
			text_list_addf(&out->env, a, "%.*s", STR_ARG(line));
		}
	}
	buf_finish(&bytes);
	return code == 0 && out->path.n == 0
		? err_set(e, ERR_NOT_FOUND, "%s: no folder of a compiler in its Path", path)
		: code;
}

/* setuptools asks the Python that runs it what it builds for: it is told by a file of its own dialect. */
static void tell_setuptools(
	const struct job *job, const char *libs, struct arena *a, struct toolchain_use *out)
{
	const char *platform = job->target.host_platform; /* "win-arm64" */
	const char *text = arena_printf(a,
		"[build]\nplat_name=%s\n[build_ext]\nplat_name=%s\nlibrary_dirs=%s\n"
		"[bdist_wheel]\nplat_name=%s\n",
		platform, platform, libs, job->target.platform);
	toolchain_add_file(out, a, "setuptools.cfg", false, text);
	text_list_add(&out->env, a, "DIST_EXTRA_CONFIG=" INSIDE_TOOLCHAIN "/setuptools.cfg");
	text_list_add(&out->env, a, "SETUPTOOLS_USE_DISTUTILS=local");
	text_list_addf(&out->env, a, "SETUPTOOLS_EXT_SUFFIX=%s", job->target.extension_suffix);
	text_list_addf(&out->env, a, "_PYTHON_HOST_PLATFORM=%s", platform);
	text_list_add(&out->env, a, "CARGO_BUILD_TARGET=aarch64-pc-windows-msvc");
	text_list_addf(&out->env, a, "PYO3_CROSS_LIB_DIR=%s", libs);
	text_list_addf(&out->env, a, "PYO3_CROSS_PYTHON_VERSION=%s", job->target.python);
}

static int describe(const struct job *job, const char *cache, struct arena *a,
	struct toolchain_use *out, struct err *e)
{
	const char *folder = toolchain_newest(cache, "msvc", job->target.platform, a);
	if (folder == NULL) {
		return err_set(e, ERR_UNSUPPORTED, "msvc: nothing set up for %s in %s/msvc",
			job->target.platform, cache);
	}
	int code = read_env(arena_printf(a, "%s/%s/build.env", cache, folder), a, out, e);
	if (code != 0) {
		return code;
	}
	/* the compiler is chosen here: no search of the registry, no second vcvarsall */
	text_list_add(&out->env, a, "DISTUTILS_USE_SDK=1");
	text_list_add(&out->env, a, "MSSdk=1");
	text_list_add(&out->env, a, "CC=cl.exe");
	text_list_add(&out->env, a, "CXX=cl.exe");
	if (strcmp(job->mode, "cross") == 0) {
		tell_setuptools(job, arena_printf(a, "%s/%s/libs", cache, folder), a, out);
	}
	const char *made = toolchain_line(cache, arena_printf(a, "%s/identity", folder), a);
	out->lock = arena_printf(a, "%s %s\n", folder, made);
	out->identity = arena_printf(a, "msvc, %s", made);
	return 0;
}

const struct toolchain toolchain_msvc = {
	.name = "msvc",
	.cross = true,
	.present = present,
	.describe = describe,
};
