#include "agent/commands.h"
#include "agent/probe_files.h"
#include "agent/toolchain_rust.h"
#include "core/io/file.h"
#include "job_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char cache[] = "/tmp/test-toolchain-XXXXXX";

static void put(const char *name, const char *text)
{
	char *path = file_join(cache, name);
	char *slash = strrchr(path, '/');
	*slash = '\0';
	assert_int_equal(file_make_folders(path, NULL), 0);
	*slash = '/';
	assert_int_equal(file_write_atomic(path, str_from(text), NULL), 0);
	chmod(path, 0755);
	free(path);
}

static void put_description(const char *sdk)
{
	static const char *const names[] = {
		"target.env", "toolchain.cmake", "meson.cross", "python/_sysconfigdata_wheelfarm.py"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *name = file_join(sdk, names[i]);
		put(name, names[i]);
		free(name);
	}
}

static int setup(void **state)
{
	assert_non_null(mkdtemp(cache));
	put("zig/zig", "#!/bin/sh\n");
	put("zig-version", "0.17.1\n");
	put("sdk/cp313-manylinux_2_28_aarch64-6/identity", "six\n");
	put("sdk/cp313-manylinux_2_28_aarch64-6/build.env",
		"CC=/wheelfarm/sdk/bin/cc\nCARGO_BUILD_TARGET=aarch64-unknown-linux-gnu\n"
		"CMAKE_TOOLCHAIN_FILE=/wheelfarm/sdk/toolchain.cmake\nPYO3_CROSS=1\n"
		"PYTHONPATH=/wheelfarm/sdk/python\n_PYTHON_HOST_PLATFORM=linux-aarch64\n");
	put_description("sdk/cp313-manylinux_2_28_aarch64-6");
	put("gcc/arm64-1/identity", "gcc 10 abc\n");
	put("sdk/cp313-win_arm64-2/identity", "two\n");
	put("sdk/cp313-win_arm64-2/build.env",
		"# note\nCC=/wheelfarm/sdk/bin/cc\nCFLAGS=\n"
		"LDSHARED=/wheelfarm/sdk/bin/cc -shared\n");
	put("sdk/cp313-win_arm64-10/identity", "ten\n");
	put("sdk/cp313-win_arm64-10/build.env", "CC=ten\n");
	put_description("sdk/cp313-win_arm64-10");
	put("sdk/cp313-win_arm64-11/build.env", "CC=half made\n");
	put("sdk/cp313-win_arm64-12.tmp.x/identity", "being made\n");
	put("zig-seed/cp313-win_arm64-10/seed", "x");
	put("library/win_arm64/libffi-1/identity", "one\n");
	put("library/win_arm64/libffi-2/identity", "two\n");
	put("library/win_arm64/libffi-extra-7/identity", "another\n");
	put("rust/1/identity", "rustc 1.96.0\nhash  file\n");
	put("rust/2.tmp.x/identity", "being made\n");
	put("msvc/win_arm64-3/identity", "Visual Studio 2022 17.14\n");
	put("msvc/win_arm64-3/build.env",
		"INCLUDE=C:\\VC\\include;C:\\sdk\\um\r\nUSERNAME=secret\r\nAPI_KEY=secret\r\n"
		"VSCMD_ARG_TGT_ARCH=arm64\r\nPath=C:\\Program Files\\Microsoft Visual Studio\\bin;"
		"C:\\Users\\secret\\bin;C:\\Program Files (x86)\\Windows Kits\\10\\bin\r\n");
	return 0;
}

static int teardown(void **state)
{
	return file_remove_tree(cache, NULL);
}

static bool has(const struct text_list *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i], text) == 0) {
			return true;
		}
	}
	return false;
}

static const char *bound(const struct toolchain_use *use, const char *to)
{
	for (size_t i = 0; i < use->binds.n; i++) {
		assert_false(use->binds.v[i].writable);
		if (strcmp(use->binds.v[i].to, to) == 0) {
			return use->binds.v[i].from;
		}
	}
	return NULL;
}

static void zig_takes_the_newest_whole_sdk_of_the_target(void **state)
{
	struct arena a = {0};
	struct job job = {0};
	struct toolchain_use use = {0};
	struct err e = {0};
	job_fixture("windows", &a, &job);
	const struct toolchain *t = toolchain_find(STR("cross-zig"));
	assert_non_null(t);
	assert_true(t->present(cache));
	assert_false(t->present("/nowhere"));
	assert_int_equal(t->describe(&job, cache, &a, &use, &e), 0);
	assert_true(has(&use.env, "CC=ten"));
	assert_true(has(&use.env, "ZIG_GLOBAL_CACHE_DIR=/wheelfarm/cache"));
	assert_true(has(&use.path, "/wheelfarm/sdk/bin"));
	assert_non_null(strstr(bound(&use, "/wheelfarm/sdk"), "/sdk/cp313-win_arm64-10"));
	assert_non_null(strstr(bound(&use, "/wheelfarm/zig"), "/zig"));
	assert_non_null(strstr(bound(&use, "/usr/include/python3.13"), "/include"));
	assert_non_null(strstr(use.description, "== toolchain.cmake\ntoolchain.cmake"));
	assert_non_null(strstr(use.seeds.v[0], "/zig-seed/cp313-win_arm64-10"));
	assert_string_equal(use.identity, "zig 0.17.1, sdk/cp313-win_arm64-10");
	arena_finish(&a);
}

/* GCC stands behind the names of the SDK's wrappers; who builds on the target's own architecture is not told
 * that he builds for another one. */
static void gcc_takes_the_place_of_the_wrappers(void **state)
{
	struct arena a = {0};
	struct job job = {0};
	struct err e = {0};
	job_fixture("linux", &a, &job);
	assert_true(toolchain_gcc.present(cache));
	assert_false(toolchain_cross_gcc.present(cache)); /* there is none for x86-64 yet */
	put("gcc/amd64-1/identity", "gcc 10 def\n");
	assert_true(toolchain_cross_gcc.present(cache));
	for (int cross = 0; cross < 2; cross++) {
		struct toolchain_use use = {0};
		const struct toolchain *t = cross ? &toolchain_cross_gcc : &toolchain_gcc;
		assert_int_equal(t->describe(&job, cache, &a, &use, &e), 0);
		assert_non_null(
			strstr(bound(&use, "/wheelfarm/gcc"), cross ? "/gcc/amd64-1" : "/gcc/arm64-1"));
		assert_non_null(strstr(bound(&use, "/wheelfarm/sdk/bin"), "-1/bin"));
		assert_true(has(&use.env, "CC=/wheelfarm/sdk/bin/cc"));
		assert_int_equal(has(&use.env, "CARGO_BUILD_TARGET=aarch64-unknown-linux-gnu"), cross);
		assert_int_equal(
			has(&use.env, "CMAKE_TOOLCHAIN_FILE=/wheelfarm/sdk/toolchain.cmake"), cross);
		assert_int_equal(has(&use.env, "_PYTHON_HOST_PLATFORM=linux-aarch64"), cross);
		assert_true(has(&use.env, "PYTHONPATH=/wheelfarm/sdk/python"));
		assert_non_null(strstr(use.description, "== python/_sysconfigdata_wheelfarm.py\n"));
		assert_int_equal(strstr(use.description, "== toolchain.cmake\n") != NULL, cross);
		assert_int_equal(use.setting_count, 1 + cross);
		assert_int_equal(use.on_target, !cross);
		assert_string_equal(use.identity,
			cross ? "gcc 10 def, sdk/cp313-manylinux_2_28_aarch64-6"
				  : "gcc 10 abc, sdk/cp313-manylinux_2_28_aarch64-6");
	}
	struct toolchain_use use = {0};
	job_fixture("windows", &a, &job);
	assert_int_equal(toolchain_gcc.describe(&job, cache, &a, &use, &e), ERR_UNSUPPORTED);
	arena_finish(&a);
}

static void zig_has_nothing_for_a_target_without_sdk(void **state)
{
	struct arena a = {0};
	struct job job = {0};
	struct toolchain_use use = {0};
	struct err e = {0};
	job_fixture("linux", &a, &job);
	job.target.name = "cp399-manylinux_2_28_aarch64";
	const struct toolchain *t = toolchain_find(STR("cross-zig"));
	assert_int_equal(t->describe(&job, cache, &a, &use, &e), ERR_UNSUPPORTED);
	assert_non_null(strstr(e.text, "cp399-manylinux_2_28_aarch64"));
	assert_null(toolchain_find(STR("cross-tcc")));
	arena_finish(&a);
}

static void libraries_are_those_of_the_platform(void **state)
{
	struct arena a = {0};
	struct job job = {0};
	struct toolchain_use use = {0};
	struct err e = {0};
	const char *names[] = {"libffi"};
	job_fixture("windows", &a, &job);
	job.recipe.libraries = (struct json_texts){.v = names, .n = 1};
	const struct toolchain *t = toolchain_find(STR("cross-zig"));
	assert_int_equal(t->describe(&job, cache, &a, &use, &e), 0);
	assert_non_null(strstr(bound(&use, "/wheelfarm/host/libffi"), "/library/win_arm64/libffi-2"));
	assert_true(has(&use.env, "PKG_CONFIG_LIBDIR=/wheelfarm/host/libffi/lib/pkgconfig"));
	names[0] = "libxml2";
	assert_int_equal(t->describe(&job, cache, &a, &use, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "libxml2 for win_arm64"));
	arena_finish(&a);
}

static const struct toolchain_file *file_of(const struct toolchain_use *use, const char *name)
{
	for (size_t i = 0; i < use->file_count; i++) {
		if (strcmp(use->files[i].name, name) == 0) {
			return &use->files[i];
		}
	}
	return NULL;
}

static void the_system_is_told_to_whom_the_recipe_says(void **state)
{
	struct arena a = {0};
	struct job job = {0};
	struct err e = {0};
	job_fixture("windows", &a, &job);
	const struct toolchain *t = toolchain_find(STR("cross-zig"));
	for (int told = 0; told < 2; told++) {
		struct toolchain_use use = {0};
		job.recipe.as_target = told == 1;
		assert_int_equal(t->describe(&job, cache, &a, &use, &e), 0);
		const struct toolchain_file *view = file_of(&use, "target.json");
		assert_non_null(view);
		assert_true(str_find_text(view->bytes, STR("\"ARM64\"")) > 0);
		assert_int_equal(str_find_text(view->bytes, STR("win32")) > 0, told);
	}
	arena_finish(&a);
}

static void msvc_takes_compilers_from_what_vcvars_set(void **state)
{
	struct arena a = {0};
	struct job job = {0};
	struct toolchain_use use = {0};
	struct err e = {0};
	job_fixture("windows", &a, &job);
	const struct toolchain *t = toolchain_find(STR("msvc"));
	assert_non_null(t);
	assert_true(t->present(cache));
	assert_false(t->present("/nowhere"));
	assert_int_equal(t->describe(&job, cache, &a, &use, &e), 0);
	assert_string_equal(use.identity, "msvc, Visual Studio 2022 17.14");
	assert_true(has(&use.env, "INCLUDE=C:\\VC\\include;C:\\sdk\\um"));
	assert_true(has(&use.env, "VSCMD_ARG_TGT_ARCH=arm64"));
	assert_true(has(&use.env, "DISTUTILS_USE_SDK=1"));
	for (size_t i = 0; i < use.env.n; i++) {
		assert_null(strstr(use.env.v[i], "secret"));
	}
	/* of the Path the compiler's folders alone, at places inside */
	assert_int_equal(use.path.n, 2);
	assert_string_equal(
		bound(&use, use.path.v[0]), "C:\\Program Files\\Microsoft Visual Studio\\bin");
	assert_string_equal(
		bound(&use, use.path.v[1]), "C:\\Program Files (x86)\\Windows Kits\\10\\bin");
	/* a cross build: setuptools asks its own Python for the platform, and is told otherwise */
	const struct toolchain_file *told = file_of(&use, "setuptools.cfg");
	assert_non_null(told);
	char *want =
		str_format("[build]\nplat_name=win-arm64\n[build_ext]\nplat_name=win-arm64\n"
				   "library_dirs=%s/msvc/win_arm64-3/libs\n[bdist_wheel]\nplat_name=win_arm64\n",
			cache);
	assert_true(str_is(told->bytes, want));
	free(want);
	assert_true(has(&use.env, "DIST_EXTRA_CONFIG=/wheelfarm/toolchain/setuptools.cfg"));
	assert_true(has(&use.env, "SETUPTOOLS_EXT_SUFFIX=.cp313-win_arm64.pyd"));
	/* on the target's own kind of machine nothing is bent */
	struct toolchain_use native = {0};
	job.mode = "native";
	assert_int_equal(t->describe(&job, cache, &a, &native, &e), 0);
	assert_null(file_of(&native, "setuptools.cfg"));
	assert_false(has(&native.env, "DIST_EXTRA_CONFIG=/wheelfarm/toolchain/setuptools.cfg"));
	arena_finish(&a);
}

static void msvc_that_is_not_set_up_is_missing(void **state)
{
	struct arena a = {0};
	struct job job = {0};
	struct toolchain_use use = {0};
	struct err e = {0};
	job_fixture("windows", &a, &job);
	job.target.platform = "win_amd64";
	const struct toolchain *t = toolchain_find(STR("msvc"));
	assert_int_equal(t->describe(&job, cache, &a, &use, &e), ERR_UNSUPPORTED);
	put("msvc/win_amd64-1/identity", "no compiler in its Path\n");
	put("msvc/win_amd64-1/build.env", "Path=C:\\windows\n");
	assert_int_equal(t->describe(&job, cache, &a, &use, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "build.env"));
	arena_finish(&a);
}

static void rust_is_added_to_a_toolchain(void **state)
{
	struct arena a = {0};
	struct toolchain_use use = {.identity = "zig 0.17.1"};
	const char *folder = toolchain_rust_folder(cache, "", &a);
	assert_non_null(folder);
	assert_non_null(strstr(folder, "/rust/1"));
	assert_null(toolchain_rust_folder("/nowhere", "", &a));
	toolchain_rust_add(folder, &a, &use);
	assert_string_equal(bound(&use, "/wheelfarm/rust"), folder);
	assert_true(has(&use.path, "/wheelfarm/rust/bin"));
	assert_true(has(&use.env, "CARGO_NET_OFFLINE=true"));
	assert_true(has(&use.env, "HOST_CC=/wheelfarm/rust/bin/host-cc"));
	assert_int_equal(use.seeds.n, 1);
	assert_string_equal(use.identity, "zig 0.17.1, rustc 1.96.0");
	arena_finish(&a);
}

/* An ARM64 builder, which x86-64 may emulate, gets the compiler that runs there, and links by its own cc. */
static void rust_runs_where_the_builder_does(void **state)
{
	struct arena a = {0};
	struct job job = {0};
	struct toolchain_use use = {.identity = "gcc 10", .on_target = true};
	job_fixture("linux", &a, &job);
	assert_string_equal(toolchain_rust_name(&job.target, true), "arm64");
	assert_string_equal(toolchain_rust_name(&job.target, false), "");
	assert_null(toolchain_rust_folder(cache, "arm64", &a));
	put("rust/arm64-1/identity", "rustc 1.96.0 0123\n");
	const char *folder = toolchain_rust_folder(cache, "arm64", &a);
	assert_non_null(folder);
	assert_non_null(strstr(folder, "/rust/arm64-1"));
	assert_non_null(strstr(toolchain_rust_folder(cache, "", &a), "/rust/1"));
	toolchain_rust_add(folder, &a, &use);
	assert_true(has(&use.env, "CARGO_NET_OFFLINE=true"));
	assert_false(has(&use.env, "HOST_CC=/wheelfarm/rust/bin/host-cc"));
	assert_int_equal(use.seeds.n, 0);
	/* a control on x86-64 is a builder of its own kind too */
	job.target.arch = "x86_64";
	assert_string_equal(toolchain_rust_name(&job.target, true), "");
	arena_finish(&a);
}

static void probes_and_files_are_written(void **state)
{
	struct arena a = {0};
	struct toolchain_use use = {0};
	struct buf text = {0};
	probe_files(&use, &a);
	assert_true(use.file_count >= 6);
	toolchain_add_file(&use, &a, "bin/cc", true, "#!/bin/sh\nexec true\n");
	char *folder = file_join(cache, "written");
	assert_int_equal(toolchain_write(&use, folder, NULL), 0);
	char *cc = file_join(folder, "bin/cc");
	char *hook = file_join(folder, "probe/backend_hook.py");
	struct stat st;
	assert_int_equal(stat(cc, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	assert_int_equal(file_read(hook, 1 << 20, &text, NULL), 0);
	assert_true(str_find_text(buf_view(&text), STR("def main():\n")) > 0);
	buf_finish(&text);
	free(hook);
	free(cc);
	free(folder);
	arena_finish(&a);
}

static void words_are_quoted_for_a_shell(void **state)
{
	static const char *const cases[][2] = {
		{"plain-1.0+x", "plain-1.0+x"},
		{"", "''"},
		{"a b", "'a b'"},
		{"it's $HOME", "'it'\\''s $HOME'"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf out = {0};
		commands_quote(&out, cases[i][0]);
		assert_string_equal(out.p, cases[i][1]);
		buf_finish(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zig_takes_the_newest_whole_sdk_of_the_target),
		cmocka_unit_test(gcc_takes_the_place_of_the_wrappers),
		cmocka_unit_test(zig_has_nothing_for_a_target_without_sdk),
		cmocka_unit_test(libraries_are_those_of_the_platform),
		cmocka_unit_test(the_system_is_told_to_whom_the_recipe_says),
		cmocka_unit_test(msvc_takes_compilers_from_what_vcvars_set),
		cmocka_unit_test(msvc_that_is_not_set_up_is_missing),
		cmocka_unit_test(rust_is_added_to_a_toolchain),
		cmocka_unit_test(rust_runs_where_the_builder_does),
		cmocka_unit_test(probes_and_files_are_written),
		cmocka_unit_test(words_are_quoted_for_a_shell),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
