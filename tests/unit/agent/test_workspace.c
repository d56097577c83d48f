#include "agent/job_log.h"
#include "agent/tree.h"
#include "agent/workspace.h"
#include "core/io/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char parent[] = "/tmp/test-workspace-XXXXXX";

static int setup(void **state)
{
	assert_non_null(mkdtemp(parent));
	return 0;
}

static int teardown(void **state)
{
	return file_remove_tree(parent, NULL);
}

static void put(const char *folder, const char *name, const char *text)
{
	char *path = file_join(folder, name);
	assert_int_equal(file_write_atomic(path, str_from(text), NULL), 0);
	free(path);
}

static bool exists(const char *folder, const char *name)
{
	char *path = file_join(folder, name);
	struct stat st;
	bool there = lstat(path, &st) == 0;
	free(path);
	return there;
}

static void is_made_fresh_and_removed(void **state)
{
	struct workspace w = {0};
	assert_int_equal(workspace_open(&w, parent, 2, 17, -1, NULL), 0);
	assert_true(exists(parent, "slot2-job17"));
	put(w.parts[WORKSPACE_SRC], "old", "of before");
	workspace_finish(&w);
	assert_int_equal(workspace_open(&w, parent, 2, 17, -1, NULL), 0);
	assert_false(exists(w.parts[WORKSPACE_SRC], "old"));
	put(w.parts[WORKSPACE_SRC], "big", "0123456789");
	assert_true(workspace_usage(&w) > 4096);
	assert_int_equal(workspace_remove(&w, NULL), 0);
	assert_false(exists(parent, "slot2-job17"));
	workspace_finish(&w);
}

static void what_a_job_left_is_read_with_care(void **state)
{
	struct workspace w = {0};
	struct buf out = {0};
	struct err e = {0};
	assert_int_equal(workspace_open(&w, parent, 0, 1, -1, NULL), 0);
	const char *notes = w.parts[WORKSPACE_NOTES];
	put(notes, "good", "{}");
	assert_int_equal(workspace_read(&w, WORKSPACE_NOTES, "good", 100, &out, &e), 0);
	assert_string_equal(out.p, "{}");
	char *symbolic = file_join(notes, "link");
	char *second = file_join(notes, "second");
	char *good = file_join(notes, "good");
	char *fifo = file_join(notes, "fifo");
	assert_int_equal(symlink("/etc/passwd", symbolic), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_true(workspace_read(&w, WORKSPACE_NOTES, "link", 1 << 20, &out, &e) < 0);
	assert_true(workspace_read(&w, WORKSPACE_NOTES, "fifo", 1 << 20, &out, &e) < 0);
	assert_true(workspace_read(&w, WORKSPACE_NOTES, "../log", 1 << 20, &out, &e) < 0);
	assert_true(workspace_read(&w, WORKSPACE_NOTES, "absent", 1 << 20, &out, &e) < 0);
	assert_int_equal(workspace_read(&w, WORKSPACE_NOTES, "good", 1, &out, &e), ERR_TOO_LARGE);
	assert_int_equal(link(good, second), 0);
	assert_true(workspace_read(&w, WORKSPACE_NOTES, "good", 100, &out, &e) < 0);
	assert_string_equal(out.p, "{}");
	free(symbolic);
	free(second);
	free(good);
	free(fifo);
	buf_finish(&out);
	workspace_finish(&w);
}

static void orphans_are_removed_and_nothing_else(void **state)
{
	static const char *const names[] = {
		"slot0-job5", "slot12-job900", "slot1-job", "jobs", "slota-job5"};
	for (size_t i = 0; i < 5; i++) {
		char *path = file_join(parent, names[i]);
		assert_int_equal(mkdir(path, 0755), 0);
		free(path);
	}
	workspace_clean(parent);
	assert_false(exists(parent, "slot0-job5"));
	assert_false(exists(parent, "slot12-job900"));
	assert_true(exists(parent, "slot1-job"));
	assert_true(exists(parent, "jobs"));
	assert_true(exists(parent, "slota-job5"));
}

static void a_log_is_read_by_ranges(void **state)
{
	struct job_log log = {.fd = -1};
	struct buf out = {0};
	char *path = file_join(parent, "log");
	assert_int_equal(job_log_open(&log, path, NULL), 0);
	job_log_addf(&log, "== %s\n", "build");
	job_log_add(&log, STR("line\n"));
	assert_int_equal(log.size, 14);
	assert_int_equal(job_log_read(&log, 9, 3, &out, NULL), 0);
	assert_string_equal(out.p, "lin");
	assert_int_equal(job_log_read(&log, 14, 3, &out, NULL), 0);
	assert_string_equal(out.p, "lin");
	job_log_close(&log);
	assert_true(job_log_open(&log, path, NULL) < 0); /* never over a file that is there */
	job_log_close(&log);
	buf_finish(&out);
	free(path);
}

static void a_tree_is_copied_with_its_links(void **state)
{
	char *from = file_join(parent, "from");
	char *to = file_join(parent, "to");
	char *deep = file_join(from, "a/b");
	char *link = file_join(from, "a/link");
	assert_int_equal(file_make_folders(deep, NULL), 0);
	assert_int_equal(file_make_folders(to, NULL), 0);
	put(deep, "file", "bytes");
	assert_int_equal(symlink("b/file", link), 0);
	assert_int_equal(tree_copy(from, to, -1, NULL), 0);
	char *copied = file_join(to, "a/link");
	struct buf out = {0};
	assert_int_equal(file_read(copied, 100, &out, NULL), 0);
	assert_string_equal(out.p, "bytes");
	struct err e = {0};
	assert_true(tree_copy("/nowhere", to, -1, &e) < 0);
	/* where the kernel does not copy, we do; and never over a file that is there */
	char *limits = file_join(to, "limits");
	buf_clear(&out);
	assert_int_equal(file_copy("/proc/self/limits", limits, 0644, &e), 0);
	assert_int_equal(file_read(limits, 1 << 16, &out, NULL), 0);
	assert_true(out.n > 100);
	assert_int_equal(file_copy("/proc/self/limits", limits, 0644, &e), -EEXIST);
	free(limits);
	buf_finish(&out);
	free(copied);
	free(link);
	free(deep);
	free(from);
	free(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_made_fresh_and_removed),
		cmocka_unit_test(what_a_job_left_is_read_with_care),
		cmocka_unit_test(orphans_are_removed_and_nothing_else),
		cmocka_unit_test(a_log_is_read_by_ranges),
		cmocka_unit_test(a_tree_is_copied_with_its_links),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
