#include "core/inspect/pe.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static void load(const char *name, struct buf *out)
{
	char *path = str_format("%s/images/%s", TEST_WHEELS, name);
	buf_clear(out);
	assert_int_equal(file_read(path, 1 << 20, out, NULL), 0);
	free(path);
}

static void test_full(void **state)
{
	struct buf bytes = {0};
	struct pe pe;
	char storage[16];
	load("full.pe", &bytes);
	assert_true(pe_is(buf_view(&bytes)));
	assert_int_equal(pe_read(buf_view(&bytes), false, &pe, NULL), 0);
	assert_string_equal(pe_machine_name(&pe, storage), "aarch64");
	assert_int_equal(pe.magic, 0x20b);
	assert_true(pe.characteristics & PE_IS_DLL);
	assert_int_equal(pe.section_count, 1);
	assert_int_equal(pe.dlls.n, 3);
	assert_true(str_is(pe.dlls.v[0], "python313.dll"));
	assert_true(str_is(pe.dlls.v[2], "foo.dll"));
	assert_int_equal(pe.imports.n, 4);
	assert_true(str_is(pe.imports.v[0].symbol, "PyModule_Create2"));
	assert_int_equal(pe.imports.v[1].symbol.n, 0); /* by ordinal */
	assert_true(pe.imports.v[3].delayed && str_is(pe.imports.v[3].symbol, "foo"));
	assert_int_equal(pe.exports.n, 2);
	assert_true(str_is(pe.exports.v[0], "PyInit_fast"));
	assert_false(pe.has_chpe || pe.is_managed);
	pe_finish(&pe);
	buf_finish(&bytes);
}

/* A linked ARM64EC image says x64, a linked ARM64X image says ARM64; both have CHPE metadata. */
static void test_hybrids(void **state)
{
	struct buf bytes = {0};
	struct pe pe;
	char storage[16];
	load("arm64x.pe", &bytes);
	assert_int_equal(pe_read(buf_view(&bytes), false, &pe, NULL), 0);
	assert_true(pe.has_chpe && pe.has_arm64x);
	assert_string_equal(pe_machine_name(&pe, storage), "aarch64");
	pe_finish(&pe);
	load("arm64ec.pe", &bytes);
	assert_int_equal(pe_read(buf_view(&bytes), false, &pe, NULL), 0);
	assert_true(pe.has_chpe && !pe.has_arm64x);
	assert_string_equal(pe_machine_name(&pe, storage), "arm64ec");
	pe_finish(&pe);
	load("program.pe", &bytes);
	assert_int_equal(pe_read(buf_view(&bytes), false, &pe, NULL), 0);
	assert_false(pe.characteristics & PE_IS_DLL);
	pe_finish(&pe);
	buf_finish(&bytes);
}

static void test_forwards(void **state)
{
	struct buf bytes = {0};
	struct pe pe;
	load("forward.pe", &bytes);
	assert_int_equal(pe_read(buf_view(&bytes), false, &pe, NULL), 0);
	assert_int_equal(pe.exports.n, 3);
	assert_int_equal(pe.forwards.n, 3);
	assert_true(str_is(pe.forwards.v[0].symbol, "foo"));
	assert_true(str_is(pe.forwards.v[0].dll, "bar") && str_is(pe.forwards.v[0].target, "oof"));
	assert_true(str_is(pe.forwards.v[1].dll, "kernel32") && str_is(pe.forwards.v[1].target, "#12"));
	assert_true(str_is(pe.forwards.v[2].dll, "me") && str_is(pe.forwards.v[2].target, "self"));
	pe_finish(&pe);
	buf_finish(&bytes);
}

/* The beginning that headers_only needs is the one that pe_has_headers asks for. */
static void test_headers(void **state)
{
	struct buf bytes = {0};
	struct pe pe;
	load("full.pe", &bytes);
	size_t n = 0;
	while (!pe_has_headers(str_slice(buf_view(&bytes), 0, n))) {
		assert_int_equal(pe_read(str_slice(buf_view(&bytes), 0, n), true, &pe, NULL), ERR_INVALID);
		pe_finish(&pe);
		n++;
	}
	assert_int_equal(pe_read(str_slice(buf_view(&bytes), 0, n), true, &pe, NULL), 0);
	assert_int_equal(pe.machine, PE_ARM64);
	pe_finish(&pe);
	buf_finish(&bytes);
}

static void test_damage(void **state)
{
	struct buf bytes = {0};
	struct pe pe;
	load("full.pe", &bytes);
	for (size_t n = 0; n < bytes.n; n++) {
		char *part = mem_copy(bytes.p, n);
		part = mem_resize(part, n != 0 ? n : 1, 1);
		assert_int_equal(pe_read((struct str){.p = part, .n = n}, false, &pe, NULL), ERR_INVALID);
		pe_finish(&pe);
		free(part);
	}
	for (size_t i = 0; i < bytes.n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			bytes.p[i] ^= (char)(1 << bit);
			pe_read(buf_view(&bytes), false, &pe, NULL);
			pe_finish(&pe);
			bytes.p[i] ^= (char)(1 << bit);
		}
	}
	buf_finish(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_hybrids),
		cmocka_unit_test(test_forwards),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
