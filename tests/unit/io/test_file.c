#include "core/io/file.h"
#include "core/io/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char folder[64];
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	strcpy(p->folder, "/tmp/wheelfarm-file-XXXXXX");
	*state = p;
	return mkdtemp(p->folder) != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	struct place *p = *state;
	int code = file_remove_tree(p->folder, NULL);
	bool gone = access(p->folder, F_OK) != 0;
	free(p);
	return code == 0 && gone ? 0 : -1;
}

static void test_write_and_read(void **state)
{
	struct place *p = *state;
	char *path = file_join(p->folder, "a");
	struct buf out = {0};
	struct err e;
	assert_int_equal(file_write_atomic(path, STR("one"), &e), 0);
	assert_int_equal(file_write_atomic(path, STR("two2"), &e), 0);
	assert_int_equal(file_read(path, 4, &out, &e), 0);
	assert_string_equal(out.p, "two2");
	assert_int_equal(file_read(path, 3, &out, &e), ERR_TOO_LARGE);
	assert_int_equal(file_read(p->folder, 3, &out, &e), -EISDIR);
	buf_finish(&out);
	free(path);
	path = file_join(p->folder, "none/a");
	assert_int_equal(file_write_atomic(path, STR("x"), &e), -ENOENT);
	assert_non_null(strstr(e.text, "none/a"));
	free(path);
}

static void test_join(void **state)
{
	char *path = file_join("a/", "b");
	assert_string_equal(path, "a/b");
	free(path);
	path = file_join("a", "b");
	assert_string_equal(path, "a/b");
	free(path);
}

static void test_make_folders(void **state)
{
	struct place *p = *state;
	char *path = file_join(p->folder, "x//y/z/");
	struct err e;
	assert_int_equal(file_make_folders(path, &e), 0);
	assert_int_equal(file_make_folders(path, &e), 0);
	free(path);
	path = file_join(p->folder, "f");
	assert_int_equal(file_write_atomic(path, STR(""), &e), 0);
	assert_int_equal(file_make_folders(path, &e), -ENOTDIR);
	free(path);
	assert_int_equal(file_make_folders("/", &e), 0);
	assert_int_equal(file_make_folders("", &e), -ENOTDIR);
}

/* What a hostile build leaves: 1,000 levels, a folder nobody may read, a link to what is not ours. */
static void test_remove_tree(void **state)
{
	struct place *p = *state;
	char *victim = file_join(p->folder, "victim");
	char *tree = file_join(p->folder, "tree");
	struct err e;
	assert_int_equal(file_make_folders(victim, &e), 0);
	assert_int_equal(mkdir(tree, 0755), 0);
	int at = open(tree, O_RDONLY | O_DIRECTORY);
	assert_int_equal(symlinkat(victim, at, "link"), 0);
	assert_int_equal(mkdirat(at, "closed", 0), 0);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(mkdirat(at, "deeper", 0700), 0);
		int file = openat(at, "file", O_CREAT | O_WRONLY, 0);
		assert_true(file >= 0);
		close(file);
		int next = openat(at, "deeper", O_RDONLY | O_DIRECTORY);
		close(at);
		at = next;
	}
	close(at);
	assert_int_equal(file_remove_tree(tree, &e), 0);
	assert_int_equal(access(tree, F_OK), -1);
	assert_int_equal(access(victim, F_OK), 0);
	assert_int_equal(file_remove_tree(tree, &e), 0);
	/* a link itself goes, what it names stays */
	assert_int_equal(symlink(victim, tree), 0);
	assert_int_equal(file_remove_tree(tree, &e), 0);
	assert_int_equal(access(victim, F_OK), 0);
	free(victim);
	free(tree);
}

static void test_sha256(void **state)
{
	struct place *p = *state;
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];
	/* FIPS 180-4 examples */
	sha256_of(STR("abc"), digest);
	sha256_hex(digest, hex);
	static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	assert_string_equal(hex, abc);
	sha256_of((struct str){0}, digest);
	sha256_hex(digest, hex);
	assert_string_equal(hex, empty);
	struct sha256 *h = sha256_create();
	for (int round = 0; round < 2; round++) {
		sha256_add(h, "a", 1);
		sha256_add(h, NULL, 0);
		sha256_add(h, "bc", 2);
		sha256_end(h, digest);
		sha256_hex(digest, hex);
		assert_string_equal(hex, abc);
	}
	sha256_destroy(h);
	char *path = file_join(p->folder, "abc");
	uint64_t size;
	struct err e;
	assert_int_equal(file_write_atomic(path, STR("abc"), &e), 0);
	assert_int_equal(sha256_of_file(path, hex, &size, &e), 0);
	assert_string_equal(hex, abc);
	assert_int_equal(size, 3);
	free(path);
	assert_int_equal(sha256_of_file("/none", hex, &size, &e), -ENOENT);
	assert_true(sha256_hex_valid(str_from(abc)));
	assert_false(sha256_hex_valid(STR("ba")));
	assert_false(
		sha256_hex_valid(STR("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_write_and_read, setup, teardown),
		cmocka_unit_test(test_join),
		cmocka_unit_test_setup_teardown(test_make_folders, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remove_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sha256, setup, teardown),
	};
	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
