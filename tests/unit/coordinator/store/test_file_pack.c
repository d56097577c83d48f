/* Packs of files: what goes in comes out, on every recorded page and on odd files; and bytes that are
 * no pack are an error, never more. */
#include "coordinator/scan/folder.h"
#include "coordinator/store/file_pack.h"
#include "coordinator/store/hex.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static const char hash_a[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
static const char hash_b[] = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";

static bool same(const struct store_file *a, const struct store_file *b)
{
	return str_equal(a->filename, b->filename) && str_equal(a->version, b->version) &&
		strcmp(a->kind, b->kind) == 0 && str_equal(a->url, b->url) &&
		str_equal(a->sha256, b->sha256) && a->size == b->size &&
		str_equal(a->requires_python, b->requires_python) && a->yanked == b->yanked &&
		a->uploaded == b->uploaded && str_equal(a->metadata_sha256, b->metadata_sha256);
}

/* Read for the names alone: no addresses, and the hash that counts as bytes. */
static void must_be_named(struct str pack, const struct store_file *files, size_t count)
{
	struct arena arena = {0};
	struct store_file *read;
	size_t n;
	assert_int_equal(file_pack_read(pack, FILE_PACK_NAMES, &arena, &read, &n, NULL), 0);
	assert_int_equal(n, count);
	for (size_t i = 0; i < n; i++) {
		unsigned char key[HEX_HASH];
		bool has_key = hex_read(files[i].metadata_sha256, key, sizeof(key)) ||
			hex_read(files[i].sha256, key, sizeof(key));
		assert_true(str_equal(read[i].filename, files[i].filename));
		assert_true(str_equal(read[i].version, files[i].version));
		assert_true(str_equal(read[i].requires_python, files[i].requires_python));
		assert_int_equal(read[i].yanked, files[i].yanked);
		assert_int_equal(read[i].uploaded, files[i].uploaded);
		assert_int_equal(read[i].key != NULL, has_key);
		assert_true(!has_key || memcmp(read[i].key, key, sizeof(key)) == 0);
	}
	arena_finish(&arena);
}

static void must_come_back(const char *what, const struct store_file *files, size_t count)
{
	struct buf pack = {0};
	struct arena arena = {0};
	struct store_file *read;
	size_t n;
	struct err e = {0};
	file_pack_write(files, count, &pack);
	if (file_pack_read(buf_view(&pack), FILE_PACK_WHOLE, &arena, &read, &n, &e) != 0) {
		fail_msg("%s: %s", what, e.text);
	}
	assert_int_equal(n, count);
	must_be_named(buf_view(&pack), files, count);
	for (size_t i = 0; i < n; i++) {
		if (!same(&files[i], &read[i])) {
			fail_msg("%s: file %zu, %.*s", what, i, STR_ARG(files[i].filename));
		}
	}
	arena_finish(&arena);
	buf_finish(&pack);
}

static void odd_files(void **state)
{
	char long_name[601];
	memset(long_name, 'n', 600);
	long_name[600] = '\0';
	char *long_url = str_format("https://%s/a-1.zip", long_name);
	char *path_url = str_format("https://files/9f/86/%s/a-2.zip", hash_a + 4);
	const struct store_file files[] = {
		{.filename = STR(""), .kind = "other", .url = STR(""), .size = -1},
		{.filename = STR("a-1.zip"), .kind = "sdist", .url = STR("a-1.zip"), .size = 0},
		{.filename = STR("a-1.zip"), .kind = "sdist", .url = STR("/a-1.zip"), .size = INT64_MAX},
		{.filename = STR("a-1.zip"), .kind = "sdist", .url = STR("x/b-1.zip"), .size = 1},
		{.filename = STR("a-1.zip"), .kind = "sdist", .url = str_from(long_url), .size = 1},
		{.filename = STR("a-2.zip"), .kind = "sdist", .url = str_from(path_url), .size = 1},
		{.filename = STR("a-2.zip"),
			.kind = "wheel",
			.url = str_from(path_url),
			.size = 1,
			.version = STR("2"),
			.requires_python = STR(">=3"),
			.yanked = true},
		{.filename = str_from(long_name),
			.kind = "wheel",
			.url = str_from(long_name),
			.version = STR("2"),
			.sha256 = str_from(hash_a),
			.metadata_sha256 = str_from(hash_b),
			.uploaded = INT64_MAX},
		{.filename = str_from(long_name + 1),
			.kind = "wheel",
			.url = STR("u"),
			.version = STR("1"),
			.sha256 = STR("9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"),
			.metadata_sha256 = STR("true"),
			.uploaded = -1000},
		{.filename = STR("b"),
			.kind = "other",
			.url = STR("h/9f/86/x/b"),
			.version = STR("2"),
			.sha256 = STR("12"),
			.uploaded = 1},
		{.filename = STR("b"), .kind = "other", .url = STR("h/b"), .uploaded = 0},
		{.filename = STR("b\0c\xff"), .kind = "other", .url = STR("h/b\0c\xff"), .uploaded = -5},
	};
	size_t count = sizeof(files) / sizeof(*files);
	must_come_back("none", files, 0);
	must_come_back("all", files, count);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < count; k++) {
			const struct store_file two[] = {files[i], files[k]};
			must_come_back("two", two, 2);
		}
	}
	free(long_url);
	free(path_url);
}

static void for_each_page(void (*check)(const char *name, const struct project_page *page))
{
	DIR *folder = opendir(PAGES);
	struct target_set no_targets = {0};
	struct scope no_scope = {0};
	size_t pages = 0;
	assert_non_null(folder);
	for (struct dirent *d; (d = readdir(folder)) != NULL;) {
		struct project_page page;
		const char *etag;
		struct err e = {0};
		if (!str_ends(str_from(d->d_name), ".json.gz")) {
			continue;
		}
		char *name = str_dup(str_slice(str_from(d->d_name), 0, strlen(d->d_name) - 8));
		project_page_init(&page, name);
		if (folder_page_read(PAGES, NULL, &page, &etag, &e) != 0 || project_page_end(&page) != 0) {
			fail_msg("%s: %s", name, e.text);
		}
		project_page_judge(&page, &no_targets, &no_scope);
		check(name, &page);
		project_page_finish(&page);
		free(name);
		pages++;
	}
	closedir(folder);
	assert_true(pages > 5);
}

static void check_page(const char *name, const struct project_page *page)
{
	struct buf pack = {0};
	must_come_back(name, page->files.v, page->files.n);
	double best = 1e9;
	for (int i = 0; i < 20; i++) {
		buf_clear(&pack);
		clock_t began = clock();
		for (int k = 0; k < 4; k++) {
			buf_clear(&pack);
			file_pack_write(page->files.v, page->files.n, &pack);
		}
		double took = (double)(clock() - began) / CLOCKS_PER_SEC / 4;
		best = took < best ? took : best;
	}
	print_message("%-20s %6zu files, %5.1f bytes and %4.0f ns each\n", name, page->files.n,
		(double)pack.n / (double)page->files.n, best * 1e9 / (double)page->files.n);
	buf_finish(&pack);
}

static void recorded_pages(void **state)
{
	for_each_page(check_page);
}

/* Each cut is an error; each changed byte is one, or gives other files: it ends either way. */
static void damage(const char *name, const struct project_page *page)
{
	struct buf pack = {0};
	size_t count = page->files.n < 40 ? page->files.n : 40;
	file_pack_write(page->files.v, count, &pack);
	for (size_t i = 0; i < pack.n; i++) {
		struct arena arena = {0};
		struct store_file *read;
		size_t n;
		struct err e = {0};
		char *copy =
			mem_copy(pack.p, i); /* exactly so long: a sanitizer sees what is read beyond */
		assert_int_equal(
			file_pack_read((struct str){copy, i}, FILE_PACK_WHOLE, &arena, &read, &n, &e),
			ERR_CORRUPT);
		assert_true(e.text[0] != '\0');
		free(copy);
		char was = pack.p[i];
		for (int bit = 0; bit < 8; bit += 3) {
			pack.p[i] = (char)(was ^ (1 << bit));
			(void)file_pack_read(buf_view(&pack), FILE_PACK_WHOLE, &arena, &read, &n, &e);
		}
		pack.p[i] = was;
		arena_finish(&arena);
	}
	buf_add_char(&pack, 0);
	struct arena arena = {0};
	struct store_file *read;
	size_t n;
	assert_int_equal(
		file_pack_read(buf_view(&pack), FILE_PACK_WHOLE, &arena, &read, &n, NULL), ERR_CORRUPT);
	arena_finish(&arena);
	buf_finish(&pack);
}

static void damaged_packs(void **state)
{
	for_each_page(damage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_files),
		cmocka_unit_test(recorded_pages),
		cmocka_unit_test(damaged_packs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
