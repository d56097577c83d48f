#include "core/io/archive.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char folder[64];
};

/* The hostile archives are made by a script: one place that names each of them. */
static int make_archives(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	*state = p;
	strcpy(p->folder, "/tmp/wheelfarm-archive-XXXXXX");
	if (mkdtemp(p->folder) == NULL) {
		return -1;
	}
	char *command = str_format("%s %s %s", TEST_PYTHON, TEST_DATA "/make_archives.py", p->folder);
	int code = system(command);
	free(command);
	return code;
}

static int remove_archives(void **state)
{
	struct place *p = *state;
	int code = file_remove_tree(p->folder, NULL);
	free(p);
	return code;
}

struct unpacked {
	char *folder;
	char *top;
	struct err e;
};

static int unpack(
	struct place *p, const char *name, const struct archive_limits *limits, struct unpacked *u)
{
	char *file = file_join(p->folder, name);
	*u = (struct unpacked){.folder = file_join(p->folder, "out")};
	assert_int_equal(file_make_folders(u->folder, NULL), 0);
	int code = archive_unpack(file, u->folder, limits, &u->top, &u->e);
	if (code < 0) {
		assert_non_null(strstr(u->e.text, name));
		assert_null(u->top);
	}
	/* whatever came, nothing was written beside the folder */
	char *beside = file_join(p->folder, "evil");
	assert_int_equal(access(beside, F_OK), -1);
	free(beside);
	free(file);
	return code;
}

static void clean(struct unpacked *u)
{
	assert_int_equal(file_remove_tree(u->folder, NULL), 0);
	free(u->folder);
	free(u->top);
}

static void check_file(struct unpacked *u, const char *name, const char *text, mode_t mode)
{
	char *path = file_join(u->folder, name);
	struct buf bytes = {0};
	struct stat st;
	assert_int_equal(file_read(path, 1 << 20, &bytes, &u->e), 0);
	assert_string_equal(bytes.p, text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	assert_int_equal(st.st_uid, geteuid());
	buf_finish(&bytes);
	free(path);
}

static void test_good(void **state)
{
	static const char *const names[] = {
		"good.tar", "good.tar.gz", "good.tar.bz2", "good.tar.xz", "good.zip"};
	for (size_t i = 0; i < 5; i++) {
		struct unpacked u;
		int code = unpack(*state, names[i], NULL, &u);
		if (code != 0) {
			fail_msg("%s", u.e.text);
		}
		assert_string_equal(u.top, "pkg-1.0");
		check_file(&u, "pkg-1.0/setup.py", "print(1)\n", 0644);
		check_file(&u, "pkg-1.0/bin/run", "#!/bin/sh\n", 0755);
		clean(&u);
	}
}

static void test_good_rest(void **state)
{
	struct unpacked u;
	assert_int_equal(unpack(*state, "links.tar", NULL, &u), 0);
	check_file(&u, "pkg/sub/link", "text\n", 0644);
	check_file(&u, "pkg/up", "text\n", 0644);
	check_file(&u, "pkg/hard", "text\n", 0644);
	clean(&u);
	assert_int_equal(unpack(*state, "two-tops.tar", NULL, &u), 0);
	assert_string_equal(u.top, "");
	clean(&u);
	assert_int_equal(unpack(*state, "one-file.tar", NULL, &u), 0);
	assert_string_equal(u.top, "");
	clean(&u);
	assert_int_equal(unpack(*state, "unicode.tar", NULL, &u), 0);
	check_file(&u, "p\xC3\xA4kg/\xE6\x97\xA5.txt", "text\n", 0644);
	assert_string_equal(u.top, "p\xC3\xA4kg");
	clean(&u);
	assert_int_equal(unpack(*state, "setuid.tar", NULL, &u), 0);
	check_file(&u, "pkg/su", "text\n", 0755);
	clean(&u);
	assert_int_equal(unpack(*state, "times.tar", NULL, &u), 0);
	char *path = file_join(u.folder, "pkg/old");
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mtime, 1000000000);
	free(path);
	clean(&u);
}

struct hostile {
	const char *name;
	int code;
	const char *rule;
};

static void test_hostile(void **state)
{
	static const struct hostile cases[] = {
		{"absolute.tar", ERR_DENIED, "absolute name"},
		{"dotdot.tar", ERR_DENIED, "\"..\""},
		{"dotdot-inside.tar", ERR_DENIED, "\"..\""},
		{"dotdot.zip", ERR_DENIED, "\"..\""},
		{"absolute.zip", ERR_DENIED, "absolute name"},
		{"link-absolute.tar", ERR_DENIED, "link that leads outside"},
		{"link-up.tar", ERR_DENIED, "link that leads outside"},
		{"link-up.zip", ERR_DENIED, "link that leads outside"},
		{"link-by-link.tar", ERR_DENIED, "link that leads outside"},
		{"through-link.tar", ERR_DENIED, "leads through"},
		{"over-link.tar", ERR_DENIED, "twice"},
		{"hard-outside.tar", ERR_DENIED, "hard link"},
		{"hard-absolute.tar", ERR_DENIED, "hard link"},
		{"hard-to-symlink.tar", ERR_DENIED, "hard link"},
		{"hard-missing.tar", ERR_DENIED, "hard link"},
		{"device.tar", ERR_DENIED, "device"},
		{"fifo.tar", ERR_DENIED, "device"},
		{"twice.tar", ERR_DENIED, "twice"},
		{"file-as-folder.tar", ERR_DENIED, "leads through"},
		{"folder-as-file.tar", ERR_DENIED, "twice"},
		{"bomb.tar.gz", ERR_TOO_LARGE, "ratio"},
		{"sparse.tar", ERR_TOO_LARGE, "unpacked size"},
		{"long-name.tar", ERR_TOO_LARGE, "length"},
		{"long-part.tar", ERR_TOO_LARGE, "255"},
		{"cut.tar.gz", ERR_CORRUPT, ""},
		{"cut.zip", ERR_CORRUPT, ""},
		{"text.tar.gz", ERR_CORRUPT, "not an archive"},
		{"encrypted.zip", ERR_CORRUPT, ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct unpacked u;
		int code = unpack(*state, cases[i].name, NULL, &u);
		if (code != cases[i].code || strstr(u.e.text, cases[i].rule) == NULL) {
			fail_msg("%s: %d '%s'", cases[i].name, code, u.e.text);
		}
		clean(&u);
	}
	assert_int_equal(access("/tmp/wheelfarm-evil", F_OK), -1);
}

static void test_limits(void **state)
{
	struct unpacked u;
	const struct archive_limits few = {.entries = 3};
	const struct archive_limits small = {.total_bytes = 10};
	assert_int_equal(unpack(*state, "good.tar", &few, &u), ERR_TOO_LARGE);
	assert_non_null(strstr(u.e.text, "limit of entries"));
	clean(&u);
	assert_int_equal(unpack(*state, "good.tar", &small, &u), ERR_TOO_LARGE);
	assert_non_null(strstr(u.e.text, "unpacked size"));
	clean(&u);
	assert_int_equal(unpack(*state, "no-such.tar", NULL, &u), -ENOENT);
	clean(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_good_rest),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests_name("archive", tests, make_archives, remove_archives);
}
