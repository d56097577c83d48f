#include "core/io/patch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define HEAD "--- a/x\n+++ b/x\n"

static int apply(const char *old, const char *text, struct buf *out)
{
	struct str rest = str_from(text);
	struct patch_file file;
	struct err e = {0};
	int code = patch_next(&rest, &file, &e);
	return code == 1 ? patch_apply(&file, str_from(old), out, &e) : code == 0 ? 1 : code;
}

static void test_texts(void **state)
{
	static const struct {
		const char *old;
		const char *patch;
		const char *made; /* NULL: refused with this code */
		int code;
	} table[] = {
		{"a\nb\nc\n", HEAD "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", "a\nB\nc\n", 0},
		{"a\nb\nc\n", HEAD "@@ -2 +2 @@\n-b\n+B\n", "a\nB\nc\n", 0},
		/* an empty line that lost its space; text behind the head; prose around */
		{"a\n\nc\n", "fix\n\n" HEAD "@@ -1,3 +1,3 @@ int f(void)\n-a\n+A\n\n c\n-- \n2.39\n",
			"A\n\nc\n", 0},
		/* moved as a whole, downwards and upwards, and the second hunk with the first */
		{"0\n1\n2\na\nb\nc\n", HEAD "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", "0\n1\n2\na\nB\nc\n", 0},
		{"a\nb\nc\nd\n", HEAD "@@ -9,3 +9,3 @@\n a\n-b\n+B\n c\n", "a\nB\nc\nd\n", 0},
		{"+\na\nb\nc\nb\n", HEAD "@@ -1 +1 @@\n-a\n+A\n@@ -2 +2 @@\n-b\n+B\n", "+\nA\nB\nc\nb\n",
			0},
		/* with nothing old: behind that line */
		{"a\nb\n", HEAD "@@ -1,0 +2 @@\n+new\n", "a\nnew\nb\n", 0},
		{"", "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+new\n\\ No newline at end of file\n", "new",
			0},
		{"a\n", "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "", 0},
		/* the last line's newline comes and goes */
		{"a\nb", HEAD "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n", "a\nb\n", 0},
		{"a\nb\n", HEAD "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n", "a\nb", 0},
		{"a\nb\n", HEAD "@@ -1,2 +1,2 @@\n-a\n+A\n b\n\\ No newline at end of file\n", NULL,
			ERR_CONFLICT},
		/* lines as they are, Windows' too */
		{"a\r\nb\r\n", HEAD "@@ -1,2 +1,2 @@\n-a\r\n+A\r\n b\r\n", "A\r\nb\r\n", 0},
		{"a\r\nb\r\n", HEAD "@@ -1,2 +1,2 @@\n-a\n+A\n b\n", NULL, ERR_CONFLICT},
		/* context that is not there; what is done already; the start and the end are meant */
		{"a\nX\nc\n", HEAD "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", NULL, ERR_CONFLICT},
		{"a\nB\nc\n", HEAD "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", NULL, ERR_CONFLICT},
		{"0\nb\nc\n", HEAD "@@ -1,2 +1,2 @@\n-b\n+B\n c\n", NULL, ERR_CONFLICT},
		{"a\nb\n0\n", HEAD "@@ -1,2 +1,2 @@\n a\n-b\n+B\n", NULL, ERR_CONFLICT},
		{"a\n", HEAD "@@ -9,0 +10 @@\n+new\n", NULL, ERR_CONFLICT},
		/* no hunks, and such as are none */
		{"a\n", HEAD, NULL, ERR_INVALID},
		{"a\n", HEAD "@@ -1 +1 @@\n-a\n", NULL, ERR_INVALID},
		{"a\n", HEAD "@@ -1 +1 @@\n-a\n+b\n+c\n", NULL, ERR_INVALID},
		{"a\n", HEAD "@@ -1 +1 @@\n*a\n+b\n", NULL, ERR_INVALID},
		{"a\n", HEAD "@@ -x +1 @@\n-a\n+b\n", NULL, ERR_INVALID},
		{"a\n", HEAD "@@ -99999999999 +1 @@\n-a\n+b\n", NULL, ERR_INVALID},
		{"a\n", "prose alone\n", NULL, 1},
		{"a\n", "--- \"a/\\303\\251\"\n+++ \"b/\\303\\251\"\n@@ -1 +1 @@\n-a\n+b\n", NULL,
			ERR_UNSUPPORTED},
		{"a\n", "diff --git a/x b/y\nrename from x\nrename to y\n", NULL, ERR_UNSUPPORTED},
		{"a\n", "diff --git a/x b/x\nnew file mode 100644\nindex 0..e69de29\n", NULL,
			ERR_UNSUPPORTED},
		{"a\n", "diff --git a/x b/x\nGIT binary patch\n", NULL, ERR_UNSUPPORTED},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct buf out = {0};
		assert_int_equal(apply(table[i].old, table[i].patch, &out), table[i].code);
		if (table[i].made != NULL) {
			assert_true(str_is(buf_view(&out), table[i].made));
		}
		buf_finish(&out);
	}
}

static void test_files(void **state)
{
	struct str rest = str_from(
		"diff --git a/s b/s\nnew file mode 100755\n--- /dev/null\n+++ b/s\tnow\n@@ -0,0 +1 @@\n+x\n"
		"--- a/old\n+++ b/old\n@@ -1,2 +1 @@\n x\n--- a\n" HEAD "@@ -1 +1 @@\n-a\n+b\n");
	struct patch_file file;
	assert_int_equal(patch_next(&rest, &file, NULL), 1);
	assert_true(file.from.n == 0 && str_is(file.to, "b/s") && file.executable);
	/* a removed line that looks like the head of a file is none */
	assert_int_equal(patch_next(&rest, &file, NULL), 1);
	assert_true(str_is(file.from, "a/old") && str_ends(file.hunks, "--- a\n") && !file.executable);
	assert_int_equal(patch_next(&rest, &file, NULL), 1);
	assert_true(str_is(file.to, "b/x"));
	assert_int_equal(patch_next(&rest, &file, NULL), 0);
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		unsigned strip;
		const char *kept;
	} table[] = {
		{"a/src/x.c", 1, "src/x.c"},
		{"src/x.c", 0, "src/x.c"},
		{"a/src/x.c", 2, "x.c"},
		{"x.c", 1, ""},
		{"a/../x.c", 1, ""},
		{"a/src/..", 1, ""},
		{"/etc/passwd", 0, ""},
		{"a//etc/passwd", 1, ""},
		{"a/C:/x", 1, ""},
		{"a/..\\x", 1, ""},
		{"a/...", 1, "..."},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		assert_true(str_is(patch_strip(str_from(table[i].name), table[i].strip), table[i].kept));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
