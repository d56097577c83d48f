/* PKG-INFO out of sdists of every kind, in pieces of every size; and out of those that mean harm. */
#include "core/io/file.h"
#include "core/io/pkg_info.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT "Metadata-Version: 2.2\nName: x\nVersion: 1\n"

static char folder[] = "/tmp/wheelfarm-pkg-info-XXXXXX";

static int make_sdists(void **state)
{
	if (mkdtemp(folder) == NULL) {
		return -1;
	}
	char *command = str_format("%s %s %s", TEST_PYTHON, TEST_DATA "/make_sdists.py", folder);
	int code = system(command);
	free(command);
	return code;
}

static int remove_sdists(void **state)
{
	return file_remove_tree(folder, NULL);
}

struct source {
	struct str rest;
	size_t piece;
	size_t fail_at; /* bytes after which it cannot be had; SIZE_MAX: never */
	size_t given;
};

static int next(void *user, struct str *piece, struct err *e)
{
	struct source *s = user;
	if (s->given >= s->fail_at) {
		return err_set(e, ERR_NETWORK, "the line went dead");
	}
	*piece = str_slice(s->rest, 0, s->piece);
	s->rest = str_slice(s->rest, piece->n, s->rest.n);
	s->given += piece->n;
	return 0;
}

static int read_in(const char *name, size_t piece, size_t fail_at, struct buf *out, struct err *e)
{
	struct buf file = {0};
	char *path = file_join(folder, name);
	assert_int_equal(file_read(path, 64 << 20, &file, e), 0);
	struct source source = {.rest = buf_view(&file), .piece = piece, .fail_at = fail_at};
	const struct pkg_info_source reader = {.next = next, .user = &source};
	int code = pkg_info_read(str_from(name), &reader, out, e);
	buf_finish(&file);
	free(path);
	return code;
}

static void test_every_kind(void **state)
{
	static const char *const names[] = {"first-pax.tar.gz", "first-gnu.tar.gz",
		"first-ustar.tar.gz", "last-pax.tar.gz", "last-gnu.tar.gz", "last-ustar.tar.gz",
		"dots.tar.gz", "letters.tar.gz", "deflated.zip", "stored.zip", "stream.zip", "rest.tar.gz"};
	static const size_t pieces[] = {1, 511, 16384, 1 << 20};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		for (size_t k = 0; k < sizeof(pieces) / sizeof(*pieces); k++) {
			struct buf out = {0};
			struct err e = {0};
			buf_add_text(&out, "kept ");
			int code = read_in(names[i], pieces[k], SIZE_MAX, &out, &e);
			if (code != 0 || strcmp(out.p, "kept " TEXT) != 0) {
				fail_msg("%s by %zu: %s", names[i], pieces[k], e.text);
			}
			buf_finish(&out);
		}
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *name;
		int code;
		const char *part; /* of the sentence */
	} cases[] = {
		{"none.tar.gz", ERR_INVALID, "has no PKG-INFO in its top folder"},
		{"absolute.tar.gz", ERR_INVALID, "has no PKG-INFO"},
		{"dotdot.tar.gz", ERR_INVALID, "has no PKG-INFO"},
		{"folder.tar.gz", ERR_INVALID, "is no file"},
		{"symlink.tar.gz", ERR_INVALID, "is no file"},
		{"hard.tar.gz", ERR_INVALID, "is no file"},
		{"fifo.tar.gz", ERR_INVALID, "is no file"},
		{"bomb.tar.gz", ERR_TOO_LARGE, "more than 200 times"},
		{"sparse.tar.gz", ERR_CORRUPT, "has holes"},
		{"large.zip", ERR_TOO_LARGE, "over 16 MiB"},
		{"many.tar.gz", ERR_TOO_LARGE, "over 100,000 entries"},
		{"page.tar.gz", ERR_CORRUPT, ""},
		{"page.zip", ERR_CORRUPT, ""},
		{"empty.tar.gz", ERR_CORRUPT, ""},
		{"cut.tar.gz", ERR_CORRUPT, ""},
		{"cut.zip", ERR_CORRUPT, ""},
		{"length.tar.gz", ERR_CORRUPT, ""},
		{"encrypted.zip", ERR_CORRUPT, ""},
		{"egg.tar.bz2", ERR_UNSUPPORTED, "neither .tar.gz nor .zip"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf out = {0};
		struct err e = {0};
		int code = read_in(cases[i].name, 4096, SIZE_MAX, &out, &e);
		if (code != cases[i].code || e.code != code || strstr(e.text, cases[i].part) == NULL ||
			strstr(e.text, cases[i].name) == NULL) {
			fail_msg("%s: %d, '%s'", cases[i].name, code, e.text);
		}
		assert_int_equal(out.n, 0);
		buf_finish(&out);
	}
}

static void test_a_source_that_fails(void **state)
{
	struct buf out = {0};
	struct err e = {0};
	for (size_t at = 0; at < 80; at += 20) {
		assert_int_equal(read_in("last-pax.tar.gz", 20, at, &out, &e), ERR_NETWORK);
		assert_string_equal(e.text, "the line went dead");
		assert_int_equal(read_in("deflated.zip", 20, at, &out, &e), ERR_NETWORK);
	}
	assert_int_equal(out.n, 0);
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_a_source_that_fails),
	};
	return cmocka_run_group_tests(tests, make_sdists, remove_sdists);
}
