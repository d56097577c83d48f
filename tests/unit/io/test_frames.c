/* Text in frames: any range of it is what was packed; the zstd program reads it; damage is an error. */
#include "core/base/mem.h"
#include "core/io/frames.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include <cmocka.h>

static int make_file(struct str text)
{
	char path[] = "/tmp/wheelfarm-frames-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, text.n != 0 ? text.p : "", text.n), (ssize_t)text.n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void make_text(size_t lines, struct buf *out)
{
	for (size_t i = 0; i < lines; i++) {
		buf_printf(out, "[%zu] cc -c file%zu.c: %zu\n", i, i % 97, i * i * 7919 % 1000003);
	}
}

static int pack(struct str text)
{
	struct err e = {0};
	int from = make_file(text);
	int to = make_file((struct str){0});
	assert_int_equal(frames_pack(from, to, &e), 0);
	close(from);
	return to;
}

static void every_range(void **state)
{
	struct buf text = {0};
	make_text(30000, &text); /* some frames */
	assert_true(text.n > 3 * FRAMES_TEXT);
	int fd = pack(buf_view(&text));
	assert_true((size_t)lseek(fd, 0, SEEK_END) < text.n / 3);
	const int64_t n = (int64_t)text.n;
	const int64_t frame = FRAMES_TEXT;
	const int64_t ranges[][2] = {{0, n}, {0, 1}, {n - 1, n}, {n - 1, n + 99}, {n, n + 5},
		{n + 5, n + 9}, {frame - 1, frame + 1}, {frame, frame}, {frame, 2 * frame},
		{frame + 7, 3 * frame - 7}, {5, 2}, {0, INT64_MAX}, {2 * frame - 1, INT64_MAX}};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		struct buf out = {0};
		struct err e = {0};
		assert_int_equal(frames_read(fd, ranges[i][0], ranges[i][1], &out, &e), 0);
		struct str wanted = {0};
		if (ranges[i][0] < n && ranges[i][1] > ranges[i][0]) {
			wanted = str_slice(buf_view(&text), (size_t)ranges[i][0],
				ranges[i][1] < n ? (size_t)ranges[i][1] : text.n);
		}
		assert_true(str_equal(buf_view(&out), wanted));
		buf_finish(&out);
	}
	close(fd);
	buf_finish(&text);
}

static void the_same_text_is_the_same_file(void **state)
{
	struct buf text = {0};
	make_text(20000, &text);
	int fds[2] = {pack(buf_view(&text)), pack(buf_view(&text))};
	char bytes[2][4096];
	assert_int_equal(lseek(fds[0], 0, SEEK_END), lseek(fds[1], 0, SEEK_END));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pread(fds[i], bytes[i], 4096, 0), 4096);
		close(fds[i]);
	}
	assert_memory_equal(bytes[0], bytes[1], 4096);
	buf_finish(&text);
}

static void nothing_is_nothing(void **state)
{
	struct buf out = {0};
	struct err e = {0};
	int fd = pack((struct str){0});
	assert_int_equal(frames_read(fd, 0, INT64_MAX, &out, &e), 0);
	assert_int_equal(out.n, 0);
	close(fd);
}

static void damage(void **state)
{
	struct buf text = {0};
	make_text(20000, &text);
	int fd = pack(buf_view(&text));
	off_t size = lseek(fd, 0, SEEK_END);
	struct buf out = {0};
	struct err e = {0};
	assert_int_equal(pwrite(fd, "XXXX", 4, size / 2), 4);
	assert_int_equal(frames_read(fd, 0, INT64_MAX, &out, &e), ERR_CORRUPT);
	assert_int_equal(ftruncate(fd, size - 3), 0);
	assert_int_equal(frames_read(fd, (int64_t)text.n - 5, INT64_MAX, &out, &e), ERR_CORRUPT);
	assert_int_equal(ftruncate(fd, 0), 0);
	/* a frame that says it is larger than ours ever are */
	char *much = mem_new(1 << 20, 1);
	memset(much, 'a', 1 << 20);
	char packed[4096];
	size_t n = ZSTD_compress(packed, sizeof(packed), much, 1 << 20, 1);
	assert_false(ZSTD_isError(n));
	assert_int_equal(pwrite(fd, packed, n, 0), (ssize_t)n);
	assert_int_equal(frames_read(fd, 0, 5, &out, &e), ERR_CORRUPT);
	assert_int_equal(pwrite(fd, "plain text", 10, 0), 10);
	assert_int_equal(frames_read(fd, 0, 5, &out, &e), ERR_CORRUPT);
	free(much);
	close(fd);
	buf_finish(&out);
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_range),
		cmocka_unit_test(the_same_text_is_the_same_file),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
