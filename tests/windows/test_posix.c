/* Files by way of core/posix, and what core/io and the agent do with them there. */
#include "core/io/file.h"
#include "core/io/sha256.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <windows.h>

static void write_text(const char *path, const char *text)
{
	struct err e = {0};
	if (file_write_atomic(path, str_from(text), &e) != 0) {
		fail_msg("%s", e.text);
	}
}

static char *read_text(const char *path)
{
	struct buf bytes = {0};
	struct err e = {0};
	if (file_read(path, 1 << 20, &bytes, &e) != 0) {
		fail_msg("%s", e.text);
	}
	return buf_take(&bytes);
}

static void test_replace(void **state)
{
	write_text("replace.txt", "one");
	write_text("replace.txt", "two\n");
	char *text = read_text("replace.txt");
	assert_string_equal(text, "two\n");
	free(text);
	assert_int_equal(unlink("replace.txt"), 0);
	assert_int_equal(access("replace.txt", F_OK), -1);
	assert_int_equal(errno, ENOENT);
}

/* Names of 260 characters in all are where Windows' ordinary layer ends. */
static void test_long_and_foreign_names(void **state)
{
	struct buf path = {0};
	struct err e = {0};
	buf_add_text(&path, "tree/grün 日本 😀");
	for (int i = 0; i < 40; i++) {
		buf_add_text(&path, "/0123456789");
	}
	assert_int_equal(file_make_folders(path.p, &e), 0);
	assert_int_equal(file_make_folders(path.p, &e), 0);
	char *file = file_join(path.p, "Ж.txt");
	write_text(file, "x");
	struct stat st;
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, 1);
	assert_int_equal(st.st_nlink, 1);
	DIR *d = opendir(path.p);
	bool seen = false;
	for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
		seen = seen || strcmp(entry->d_name, "Ж.txt") == 0;
	}
	closedir(d);
	assert_true(seen);
	free(file);
	buf_finish(&path);
	assert_int_equal(file_remove_tree("tree", &e), 0);
	assert_int_equal(file_remove_tree("tree", &e), 0);
}

/* The same by a descriptor of the folder before, as archives are unpacked. */
static void test_long_names_step_by_step(void **state)
{
	static const char part[] = "über-日本-0123456789012345678901234567890123456789";
	struct err e = {0};
	assert_int_equal(mkdir("steps", 0755), 0);
	int at = open("steps", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(mkdirat(at, part, 0755), 0);
		int deeper = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		assert_true(deeper >= 0);
		close(at);
		at = deeper;
	}
	int fd = openat(at, "Ж.txt", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	close(at);
	assert_int_equal(file_remove_tree("steps", &e), 0);
	assert_int_equal(access("steps", F_OK), -1);
}

static void test_streams(void **state)
{
	FILE *file = fopen("стрим.txt", "wbx");
	assert_non_null(file);
	assert_int_equal(fputs("one\n", file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
	assert_null(fopen("стрим.txt", "wbx"));
	assert_int_equal(errno, EEXIST);
	char *text = read_text("стрим.txt");
	assert_string_equal(text, "one\n"); /* no \r */
	free(text);
	assert_int_equal(unlink("стрим.txt"), 0);
}

static void test_environment(void **state)
{
	assert_null(getenv("WHEELFARM_NO_SUCH"));
	SetEnvironmentVariableW(L"WHEELFARM_TEST", L"gr\x00fcn \x65e5");
	const char *first = getenv("WHEELFARM_TEST");
	assert_string_equal(first, "grün 日");
	SetEnvironmentVariableW(L"WHEELFARM_TEST", L"other");
	assert_string_equal(getenv("WHEELFARM_TEST"), "other");
	assert_string_equal(first, "grün 日"); /* what was told stays */
}

static void test_read_only_is_removed(void **state)
{
	struct err e = {0};
	assert_int_equal(file_make_folders("locked/folder", &e), 0);
	write_text("locked/folder/file", "x");
	assert_int_equal(fchmodat(AT_FDCWD, "locked/folder/file", 0444, 0), 0);
	struct stat st;
	assert_int_equal(stat("locked/folder/file", &st), 0);
	assert_int_equal(st.st_mode & 0222, 0);
	SetFileAttributesW(L"locked/folder", FILE_ATTRIBUTE_READONLY);
	if (file_remove_tree("locked", &e) != 0) {
		fail_msg("%s", e.text);
	}
	assert_int_equal(access("locked", F_OK), -1);
}

/* What programs of Windows cannot name, a hostile build can: it goes all the same. */
static void test_odd_names_are_removed(void **state)
{
	struct err e = {0};
	assert_int_equal(file_make_folders("odd", &e), 0);
	wchar_t here[1024];
	wchar_t path[1100];
	DWORD n = GetCurrentDirectoryW(1024, here);
	assert_true(n != 0);
	const wchar_t *const names[] = {L"aux.py", L"dot.", L"space ", L"\xd800half"};
	for (size_t i = 0; i < 4; i++) {
		_snwprintf(path, 1100, L"\\\\?\\%ls\\odd\\%ls", here, names[i]);
		HANDLE handle = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
		printf("%u: %s\n", (unsigned)i, handle != INVALID_HANDLE_VALUE ? "made" : "not made");
		if (handle != INVALID_HANDLE_VALUE) {
			CloseHandle(handle);
		}
	}
	if (file_remove_tree("odd", &e) != 0) {
		fail_msg("%s", e.text);
	}
}

static void test_names_that_are_refused(void **state)
{
	static const char *const names[] = {
		"stream:name", "what?", "star*", "a<b", "quote\"", "dot.", "space ", "a|b", "new\nline"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(open(names[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644), -1);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(mkdir(names[i], 0755), -1);
		assert_int_equal(errno, EINVAL);
	}
}

static void test_below_a_folder(void **state)
{
	struct err e = {0};
	char bytes[8] = "";
	struct stat st;
	assert_int_equal(file_make_folders("below/sub", &e), 0);
	int folder = open("below", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	assert_true(folder >= 0);
	int fd = openat(folder, "file", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "hello", 5), 5);
	assert_int_equal(pwrite(fd, "J", 1, 0), 1);
	assert_int_equal(pread(fd, bytes, 8, 1), 4);
	assert_memory_equal(bytes, "ello", 4);
	assert_int_equal(pread(fd, bytes, 8, 100), 0);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 5); /* as it was */
	assert_int_equal(fsync(fd), 0);
	assert_int_equal(ftruncate(fd, 2), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 2);
	assert_int_equal(openat(folder, "file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(openat(folder, "none", O_RDONLY | O_CLOEXEC), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(linkat(folder, "file", folder, "other", 0), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 2);
	close(fd);
	assert_int_equal(unlinkat(folder, "sub", 0), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(unlinkat(folder, "file", AT_REMOVEDIR), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(rmdir("below"), -1);
	assert_int_equal(errno, ENOTEMPTY);
	assert_int_equal(renameat(folder, "file", folder, "moved"), 0);
	assert_int_equal(renameat(folder, "moved", folder, "other"), 0); /* replaces */
	assert_int_equal(mkdirat(folder, "sub", 0755), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(mkdirat(folder, "sub2", 0755), 0);
	assert_int_equal(renameat(folder, "sub2", folder, "sub"), -1); /* a folder does not */
	assert_int_equal(errno, EEXIST);
	assert_int_equal(symlinkat("x", folder, "link"), -1);
	close(folder);
	assert_int_equal(file_remove_tree("below", &e), 0);
}

static void test_walk(void **state)
{
	struct err e = {0};
	assert_int_equal(file_make_folders("walk/a/b", &e), 0);
	write_text("walk/a/file", "12345");
	char top[] = "walk";
	char *const paths[] = {top, NULL};
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	struct buf seen = {0};
	int64_t bytes = 0;
	for (FTSENT *entry; (entry = fts_read(walk)) != NULL;) {
		buf_printf(&seen, "%d%s ", entry->fts_info, strrchr(entry->fts_path, 'k') + 1);
		bytes += entry->fts_info == FTS_F ? entry->fts_statp->st_size : 0;
	}
	fts_close(walk);
	assert_int_equal(bytes, 5);
	assert_non_null(strstr(seen.p, "3/a/file "));
	assert_non_null(strstr(seen.p, "1/a/b 2/a/b "));
	assert_true(str_starts(buf_view(&seen), "1 1/a "));
	assert_true(str_ends(buf_view(&seen), "2/a 2 "));
	buf_finish(&seen);
	assert_int_equal(file_remove_tree("walk", &e), 0);
}

/* FIPS 180-4's own example, and what the same text gives on Linux. */
static void test_sha256(void **state)
{
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];
	sha256_of(STR("abc"), digest);
	sha256_hex(digest, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	struct sha256 *h = sha256_create();
	for (int i = 0; i < 2; i++) { /* the second time as new */
		sha256_add(h, "a", 1);
		sha256_add(h, "bc", 2);
		sha256_end(h, digest);
		sha256_hex(digest, hex);
		assert_string_equal(
			hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	}
	sha256_destroy(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_long_and_foreign_names),
		cmocka_unit_test(test_long_names_step_by_step),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_read_only_is_removed),
		cmocka_unit_test(test_odd_names_are_removed),
		cmocka_unit_test(test_names_that_are_refused),
		cmocka_unit_test(test_below_a_folder),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_sha256),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
