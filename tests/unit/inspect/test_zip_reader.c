#include "core/inspect/zip_reader.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static void load(const char *path_in_wheels, struct buf *out)
{
	char *path = str_format("%s/%s", TEST_WHEELS, path_in_wheels);
	buf_clear(out);
	assert_int_equal(file_read(path, 1 << 20, out, NULL), 0);
	free(path);
}

/* Feeds what it asks for until it asks no more. */
static void run(struct zip_reader *z, struct str bytes)
{
	struct zip_range range;
	while (zip_reader_needs(z, &range)) {
		assert_true(range.length > 0 && range.length <= ZIP_RANGE_MAX);
		size_t from = range.offset < bytes.n ? (size_t)range.offset : bytes.n;
		zip_reader_feed(z, str_slice(bytes, from, from + range.length));
	}
}

static int collect(void *user, struct str piece)
{
	buf_add_str(user, piece);
	return 0;
}

/* Reads all members that can be read; returns the number of faults of any kind. */
static size_t read_all(struct str bytes, size_t range_max, struct buf *contents)
{
	struct zip_reader *z = zip_reader_create(bytes.n);
	const char *sentence;
	run(z, bytes);
	size_t faults = zip_reader_fault(z, &sentence) != ZIP_FINE;
	for (size_t i = 0; i < zip_reader_count(z); i++) {
		if (zip_reader_entry(z, i)->fault != ZIP_FINE) {
			faults++;
			continue;
		}
		zip_reader_open(z, i, range_max, collect, contents);
		run(z, bytes);
		faults += zip_reader_member_fault(z, &sentence) != ZIP_FINE;
	}
	zip_reader_destroy(z);
	return faults;
}

/* Stored, deflated, with sizes behind the data, with zip64 sizes: the contents are the same. */
static void test_kinds(void **state)
{
	static const char *const paths[] = {"fine_pure/demo-1.0-py3-none-any.whl",
		"fine_stored/demo-1.0-py3-none-any.whl", "fine_descriptors/demo-1.0-py3-none-any.whl",
		"fine_zip64/demo-1.0-py3-none-any.whl"};
	struct buf bytes = {0}, first = {0}, other = {0};
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct buf *out = i == 0 ? &first : &other;
		buf_clear(&other);
		load(paths[i], &bytes);
		assert_int_equal(read_all(buf_view(&bytes), 0, out), 0);
		assert_true(str_equal(buf_view(out), buf_view(&first)));
		assert_true(str_find_text(buf_view(&first), STR("Metadata-Version: 2.4\n")) >= 0);
		for (size_t step = 1; step < 40; step++) { /* in small ranges, too */
			buf_clear(&other);
			assert_int_equal(read_all(buf_view(&bytes), step, &other), 0);
			assert_true(str_equal(buf_view(&other), buf_view(&first)));
		}
	}
	buf_finish(&bytes);
	buf_finish(&first);
	buf_finish(&other);
}

static void test_paths(void **state)
{
	static const char *const bad[] = {"", "/", "/a", "..", "../a", "a/../b", "a/..", "a//b", "./a",
		"a/./b", "a\\b", "C:a", "C:/a", "a\nb", "a\177", "a/..//"};
	static const char *const good[] = {
		"a", "a/", "a/b", "a..b", "..a", "a/...", "a b", "ab:c", "\303\244.py", ".hidden"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_non_null(zip_path_fault(str_from(bad[i])));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_null(zip_path_fault(str_from(good[i])));
	}
	assert_non_null(zip_path_fault((struct str){.p = "a\0b", .n = 3}));
}

/* Cut anywhere it is an error; one bit changed anywhere, it ends. */
static void test_damage(void **state)
{
	static const char *const paths[] = {
		"fine_descriptors/demo-1.0-py3-none-any.whl", "fine_zip64/demo-1.0-py3-none-any.whl"};
	struct buf bytes = {0}, contents = {0};
	for (size_t k = 0; k < 2; k++) {
		load(paths[k], &bytes);
		for (size_t n = 0; n < bytes.n; n++) {
			char *part = mem_copy(bytes.p, n);
			part = mem_resize(part, n != 0 ? n : 1, 1);
			assert_true(read_all((struct str){.p = part, .n = n}, 0, &contents) > 0);
			free(part);
		}
		for (size_t i = 0; i < bytes.n; i++) {
			for (int bit = 0; bit < 8; bit++) {
				bytes.p[i] ^= (char)(1 << bit);
				buf_clear(&contents);
				read_all(buf_view(&bytes), 0, &contents);
				bytes.p[i] ^= (char)(1 << bit);
			}
		}
	}
	buf_finish(&bytes);
	buf_finish(&contents);
}

static int stop(void *user, struct str piece)
{
	++*(int *)user;
	return 1;
}

static void test_sink_stops(void **state)
{
	struct buf bytes = {0};
	const char *sentence;
	int calls = 0;
	load("fine_pure/demo-1.0-py3-none-any.whl", &bytes);
	struct zip_reader *z = zip_reader_create(bytes.n);
	run(z, buf_view(&bytes));
	zip_reader_open(z, 1, 8, stop, &calls);
	run(z, buf_view(&bytes));
	assert_int_equal(calls, 1);
	assert_int_equal(zip_reader_member_fault(z, &sentence), ZIP_FINE);
	zip_reader_destroy(z);
	buf_finish(&bytes);
}

/* The file on the other side of the wire was replaced by a shorter one. */
static void test_short_feed(void **state)
{
	struct buf bytes = {0};
	const char *sentence;
	struct zip_range range;
	load("fine_pure/demo-1.0-py3-none-any.whl", &bytes);
	struct zip_reader *z = zip_reader_create(bytes.n);
	assert_true(zip_reader_needs(z, &range));
	zip_reader_feed(z, str_slice(buf_view(&bytes), 0, 5));
	assert_false(zip_reader_needs(z, &range));
	assert_int_equal(zip_reader_fault(z, &sentence), ZIP_BAD);
	assert_string_equal(sentence, "the file ends early");
	zip_reader_destroy(z);
	buf_finish(&bytes);
}

static void add_number(struct buf *b, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++) {
		buf_add_char(b, (char)(value >> (8 * i)));
	}
}

static enum zip_fault fault_of_end(uint64_t count, uint64_t size)
{
	struct buf end = {0};
	const char *sentence;
	add_number(&end, 0x06054b50, 4);
	add_number(&end, 0, 4);
	add_number(&end, count, 2);
	add_number(&end, count, 2);
	add_number(&end, size, 4);
	add_number(&end, 0, 4); /* the directory's offset */
	add_number(&end, 0, 2); /* the comment's length */
	struct zip_reader *z = zip_reader_create(size + end.n);
	struct zip_range range;
	assert_true(zip_reader_needs(z, &range));
	struct buf tail = {0};
	while (tail.n + end.n < range.length) {
		buf_add_char(&tail, 'x');
	}
	buf_add_str(&tail, buf_view(&end));
	zip_reader_feed(z, buf_view(&tail));
	enum zip_fault fault = zip_reader_fault(z, &sentence);
	zip_reader_destroy(z);
	buf_finish(&tail);
	buf_finish(&end);
	return fault;
}

static void test_limits(void **state)
{
	assert_int_equal(fault_of_end(0, 0), ZIP_FINE);
	assert_int_equal(fault_of_end(1, 64 << 20), ZIP_FINE); /* it goes on to ask for it */
	assert_int_equal(fault_of_end(1, (64 << 20) + 1), ZIP_TOO_LARGE);

	/* 100,001 entries need zip64; 16 GiB and one byte in one entry that says so */
	struct buf entry = {0};
	struct zip_directory d;
	const char *sentence;
	add_number(&entry, 0x02014b50, 4);
	add_number(&entry, 45, 2);
	add_number(&entry, 45, 2);
	add_number(&entry, 0, 8);
	add_number(&entry, 0, 4);
	add_number(&entry, 0xffffffff, 4); /* packed */
	add_number(&entry, 0xffffffff, 4);
	add_number(&entry, 1, 2);
	add_number(&entry, 20, 2);
	add_number(&entry, 0, 8);
	add_number(&entry, 0, 6);
	buf_add_char(&entry, 'a');
	add_number(&entry, 1, 2);
	add_number(&entry, 16, 2);
	add_number(&entry, ZIP_BYTES_MAX + 1, 8);
	add_number(&entry, ZIP_BYTES_MAX + 1, 8);
	assert_int_equal(
		zip_directory_read(buf_view(&entry), UINT64_MAX, 1, &d, &sentence), ZIP_TOO_LARGE);
	zip_directory_finish(&d);
	buf_finish(&entry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_sink_stops),
		cmocka_unit_test(test_short_feed),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
