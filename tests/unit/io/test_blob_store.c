#include "core/io/blob_store.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

struct place {
	char folder[64];
	struct blob_store store;
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	strcpy(p->folder, "/tmp/wheelfarm-blob-XXXXXX");
	*state = p;
	char *folder = mkdtemp(p->folder) != NULL ? file_join(p->folder, "store") : NULL;
	int code = folder != NULL ? blob_store_open(&p->store, folder, NULL) : -1;
	free(folder);
	return code;
}

static int teardown(void **state)
{
	struct place *p = *state;
	int code = file_remove_tree(p->folder, NULL);
	blob_store_finish(&p->store);
	free(p);
	return code;
}

static size_t files_in_partial(struct place *p)
{
	char *path = file_join(p->store.folder, "partial");
	DIR *d = opendir(path);
	size_t n = 0;
	while (readdir(d) != NULL) {
		n++;
	}
	closedir(d);
	free(path);
	return n - 2;
}

static void check_abc(struct place *p)
{
	uint64_t size = 0;
	assert_true(blob_store_has(&p->store, STR(ABC), &size));
	assert_int_equal(size, 3);
	char *path = blob_store_path(&p->store, STR(ABC));
	assert_true(str_ends(str_from(path),
		"/store/ba/"
		"7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	struct buf text = {0};
	assert_int_equal(file_read(path, 10, &text, NULL), 0);
	assert_string_equal(text.p, "abc");
	buf_finish(&text);
	free(path);
	assert_int_equal(files_in_partial(p), 0);
}

static void test_add(void **state)
{
	struct place *p = *state;
	char hex[SHA256_HEX];
	struct err e;
	assert_false(blob_store_has(&p->store, STR(ABC), NULL));
	assert_int_equal(blob_store_add(&p->store, STR("abc"), hex, &e), 0);
	assert_string_equal(hex, ABC);
	assert_int_equal(blob_store_add(&p->store, STR("abc"), hex, &e), 0);
	check_abc(p);
}

static void test_add_file(void **state)
{
	struct place *p = *state;
	char *path = file_join(p->folder, "x.whl");
	char *link_path = file_join(p->folder, "link.whl");
	struct err e;
	assert_int_equal(file_write_atomic(path, STR("abd"), &e), 0);
	for (int move = 0; move < 2; move++) {
		assert_int_equal(
			blob_store_add_file(&p->store, path, STR(ABC), move, &e), ERR_HASH_MISMATCH);
		assert_int_equal(access(path, F_OK), 0);
	}
	assert_int_equal(files_in_partial(p), 0);
	assert_int_equal(file_write_atomic(path, STR("abc"), &e), 0);
	assert_int_equal(symlink(path, link_path), 0);
	assert_true(blob_store_add_file(&p->store, link_path, STR(ABC), false, &e) < 0);
	assert_true(blob_store_add_file(&p->store, p->folder, STR(ABC), false, &e) < 0);
	assert_int_equal(blob_store_add_file(&p->store, path, STR(ABC), false, &e), 0);
	assert_int_equal(access(path, F_OK), 0);
	check_abc(p);
	assert_int_equal(blob_store_add_file(&p->store, path, STR(ABC), true, &e), 0);
	assert_int_equal(access(path, F_OK), -1);
	check_abc(p);
	free(path);
	free(link_path);
}

/* A second name of a moved file would let a build change the blob afterwards. */
static void test_move_of_linked_file_copies(void **state)
{
	struct place *p = *state;
	char *path = file_join(p->folder, "a");
	char *other = file_join(p->folder, "b");
	assert_int_equal(file_write_atomic(path, STR("abc"), NULL), 0);
	assert_int_equal(link(path, other), 0);
	assert_int_equal(blob_store_add_file(&p->store, path, STR(ABC), true, NULL), 0);
	FILE *f = fopen(other, "w");
	fputs("evil", f);
	fclose(f);
	check_abc(p);
	free(path);
	free(other);
}

static void test_partial(void **state)
{
	struct place *p = *state;
	struct blob_store *s = &p->store;
	struct err e;
	uint64_t size = 9;
	assert_int_equal(blob_store_partial_commit(s, STR(ABC), &e), ERR_NOT_FOUND);
	assert_int_equal(blob_store_partial_append(s, STR(ABC), 5, STR("x"), &size, &e), ERR_CONFLICT);
	assert_int_equal(size, 0);
	assert_int_equal(blob_store_partial_append(s, STR(ABC), 0, STR("a"), &size, &e), 0);
	assert_int_equal(size, 1);
	assert_int_equal(blob_store_partial_append(s, STR(ABC), 0, STR("a"), &size, &e), ERR_CONFLICT);
	assert_int_equal(size, 1);
	assert_int_equal(blob_store_partial_size(s, STR(ABC)), 1);
	assert_false(blob_store_has(s, STR(ABC), NULL));
	assert_int_equal(blob_store_partial_append(s, STR(ABC), 1, STR("bc"), &size, &e), 0);
	assert_int_equal(blob_store_partial_commit(s, STR(ABC), &e), 0);
	check_abc(p);
	/* the same again, as after a lost reply */
	assert_int_equal(blob_store_partial_commit(s, STR(ABC), &e), 0);
	assert_int_equal(blob_store_partial_append(s, STR(ABC), 1, STR("bc"), &size, &e), ERR_CONFLICT);
	assert_int_equal(size, 3);
	assert_int_equal(blob_store_partial_append(s, STR(ABC), 3, STR(""), &size, &e), 0);
	check_abc(p);
}

static void test_partial_mismatch(void **state)
{
	struct place *p = *state;
	struct err e;
	uint64_t size;
	assert_int_equal(blob_store_partial_append(&p->store, STR(ABC), 0, STR("abd"), &size, &e), 0);
	assert_int_equal(blob_store_partial_commit(&p->store, STR(ABC), &e), ERR_HASH_MISMATCH);
	assert_int_equal(blob_store_partial_size(&p->store, STR(ABC)), 0);
	assert_false(blob_store_has(&p->store, STR(ABC), NULL));
	assert_int_equal(files_in_partial(p), 0);
}

static void *add_often(void *user)
{
	struct place *p = user;
	for (int i = 0; i < 50; i++) {
		char hex[SHA256_HEX];
		char *path = blob_store_path(&p->store, STR(ABC));
		unlink(path);
		free(path);
		if (blob_store_add(&p->store, STR("abc"), hex, NULL) != 0) {
			return "failed";
		}
	}
	return NULL;
}

static void *append_often(void *user)
{
	struct place *p = user;
	for (int i = 0; i < 50; i++) {
		uint64_t size;
		int code = blob_store_partial_append(&p->store, STR(ABC), 0, STR("abc"), &size, NULL);
		if (code != 0 && code != ERR_CONFLICT) {
			return "failed";
		}
		if (blob_store_partial_commit(&p->store, STR(ABC), NULL) != 0) {
			return "failed";
		}
	}
	return NULL;
}

static void run_four(struct place *p, void *(*work)(void *))
{
	pthread_t threads[4];
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, work, p), 0);
	}
	for (int i = 0; i < 4; i++) {
		void *failed;
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	check_abc(p);
}

static void test_concurrent(void **state)
{
	run_four(*state, add_often);
	struct place *p = *state;
	char *path = blob_store_path(&p->store, STR(ABC));
	unlink(path);
	free(path);
	run_four(*state, append_often);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_add, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_move_of_linked_file_copies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_partial, setup, teardown),
		cmocka_unit_test_setup_teardown(test_partial_mismatch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_concurrent, setup, teardown),
	};
	return cmocka_run_group_tests_name("blob_store", tests, NULL, NULL);
}
