#include "core/inspect/elf.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void load(const char *name, struct buf *out)
{
	char *path = str_format("%s/images/%s", TEST_WHEELS, name);
	assert_int_equal(file_read(path, 1 << 20, out, NULL), 0);
	free(path);
}

static void test_full(void **state)
{
	struct buf bytes = {0};
	struct elf elf;
	char storage[24];
	load("full.elf", &bytes);
	assert_int_equal(elf_read(buf_view(&bytes), false, &elf, NULL), 0);
	assert_string_equal(
		elf_machine_name(elf.machine, elf.is_64, elf.is_little, storage), "aarch64");
	assert_int_equal(elf.type, ELF_DYN);
	assert_int_equal(elf.page_size, 0x1000);
	assert_int_equal(elf.needs.n, 2);
	assert_true(str_is(elf.needs.v[0], "libfoo.so.1"));
	assert_true(str_is(elf.soname, "fast.so"));
	assert_int_equal(elf.rpaths.n, 1);
	assert_true(str_is(elf.rpaths.v[0], "$ORIGIN/libs"));
	assert_true(elf.has_exec_stack && elf.has_text_relocations);
	assert_int_equal(elf.versions.n, 3);
	assert_true(str_is(elf.versions.v[1].version, "GLIBC_2.34"));
	assert_true(str_is(elf.versions.v[2].library, "libfoo.so.1"));
	assert_int_equal(elf.defined.n, 2);
	assert_true(str_is(elf.defined.v[1], "PyModExport_fast"));
	assert_int_equal(elf.undefined.n, 2);
	elf_finish(&elf);
	buf_finish(&bytes);
}

static void test_gnu_hash_and_program(void **state)
{
	struct buf bytes = {0};
	struct elf elf;
	load("gnu_hash.elf", &bytes);
	assert_int_equal(elf_read(buf_view(&bytes), false, &elf, NULL), 0);
	assert_int_equal(elf.defined.n, 1);
	assert_int_equal(elf.undefined.n, 1);
	assert_false(elf.has_exec_stack || elf.has_text_relocations);
	elf_finish(&elf);
	buf_clear(&bytes);
	load("program.elf", &bytes);
	assert_int_equal(elf_read(buf_view(&bytes), false, &elf, NULL), 0);
	assert_true(str_is(elf.interpreter, "/lib/ld-linux-aarch64.so.1"));
	elf_finish(&elf);
	buf_finish(&bytes);
}

static void test_machine_names(void **state)
{
	static const struct {
		uint16_t machine;
		bool is_64, is_little;
		const char *name;
	} rows[] = {
		{ELF_AARCH64, true, true, "aarch64"},
		{ELF_AARCH64, true, false, "aarch64_be"},
		{ELF_AARCH64, false, true, "aarch64_32"},
		{ELF_X86_64, false, true, "x86_64_32"},
		{ELF_ARM, false, true, "armv7l"},
		{ELF_ARM, true, false, "armv7l_64_be"},
		{21, true, true, "ppc64le"},
		{0x7abc, true, true, "0x7abc"},
	};
	char storage[24];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(
			elf_machine_name(rows[i].machine, rows[i].is_64, rows[i].is_little, storage),
			rows[i].name);
	}
}

/* The beginning that headers_only needs is the one that elf_has_headers asks for. */
static void test_headers(void **state)
{
	struct buf bytes = {0};
	struct elf elf;
	load("full.elf", &bytes);
	size_t n = 0;
	while (!elf_has_headers(str_slice(buf_view(&bytes), 0, n))) {
		elf_read(str_slice(buf_view(&bytes), 0, n), true, &elf, NULL);
		assert_int_equal(elf.page_size, 0);
		elf_finish(&elf);
		n++;
	}
	assert_int_equal(n, 64 + 3 * 56);
	assert_int_equal(elf_read(str_slice(buf_view(&bytes), 0, n), true, &elf, NULL), 0);
	assert_int_equal(elf.page_size, 0x1000);
	elf_finish(&elf);
	buf_finish(&bytes);
}

/* Whatever is cut off, and whichever byte is another one: an answer, never a crash. */
static void test_damage(void **state)
{
	struct buf bytes = {0};
	struct elf elf;
	load("full.elf", &bytes);
	for (size_t n = 0; n < bytes.n; n++) {
		char *part = mem_copy(bytes.p, n); /* so that a read beyond n is a read beyond memory */
		part = mem_resize(part, n != 0 ? n : 1, 1);
		int rc = elf_read((struct str){.p = part, .n = n}, false, &elf, NULL);
		assert_int_equal(rc, ERR_INVALID);
		elf_finish(&elf);
		elf_read((struct str){.p = part, .n = n}, true, &elf, NULL);
		elf_finish(&elf);
		free(part);
	}
	for (size_t i = 0; i < bytes.n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			bytes.p[i] ^= (char)(1 << bit);
			elf_read(buf_view(&bytes), false, &elf, NULL);
			elf_finish(&elf);
			bytes.p[i] ^= (char)(1 << bit);
		}
	}
	buf_finish(&bytes);
}

/* binutils reads this very program; so do we. */
static void test_against_readelf(void **state)
{
	struct buf bytes = {0};
	struct elf elf;
	char line[1024];
	size_t needs = 0, versions = 0;
	assert_int_equal(file_read("/proc/self/exe", 64 << 20, &bytes, NULL), 0);
	assert_int_equal(elf_read(buf_view(&bytes), false, &elf, NULL), 0);
	char *command = str_format("readelf -dVW /proc/%d/exe 2>/dev/null", (int)getpid());
	FILE *pipe = popen(command, "r");
	free(command);
	assert_non_null(pipe);
	while (fgets(line, sizeof(line), pipe) != NULL) {
		needs += strstr(line, "(NEEDED)") != NULL;
		versions += strstr(line, "Flags: ") != NULL && strstr(line, "Name: ") != NULL;
	}
	if (pclose(pipe) == 0) {
		assert_int_equal(elf.needs.n, needs);
		assert_int_equal(elf.versions.n, versions);
		assert_true(needs > 0);
	} else {
		skip();
	}
	elf_finish(&elf);
	buf_finish(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_gnu_hash_and_program),
		cmocka_unit_test(test_machine_names),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_against_readelf),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
