/* gzip data in pieces: what zlib packs comes out again however it is cut; what is wrong is an error
 * that says what. The harness tests/fuzz/io/inflate.c holds it against zlib on any bytes. */
#include "core/io/inflate.h"
#include "core/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

/* Adds a gzip member with `text` in it. */
static void pack(struct str text, int level, struct buf *out)
{
	z_stream z = {0};
	assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	unsigned char piece[4096];
	z.next_in = (Bytef *)(uintptr_t)text.p;
	z.avail_in = (uInt)text.n;
	int code;
	do {
		z.next_out = piece;
		z.avail_out = sizeof(piece);
		code = deflate(&z, Z_FINISH);
		buf_add(out, piece, sizeof(piece) - z.avail_out);
	} while (code == Z_OK);
	assert_int_equal(code, Z_STREAM_END);
	deflateEnd(&z);
}

static void make_text(size_t lines, struct buf *out)
{
	for (size_t i = 0; i < lines; i++) {
		buf_printf(
			out, "{\"filename\":\"demo-%zu.tar.gz\",\"size\":%zu}\n", i, i * i * 7919 % 1000003);
	}
}

/* Unpacks in pieces of `step` bytes. */
static int unpack(struct str packed, size_t step, uint64_t limit, struct buf *out, struct err *e)
{
	struct inflate *i = inflate_create(limit);
	int code = 0;
	while (code == 0 && packed.n != 0) {
		struct str part = str_slice(packed, 0, step);
		packed = str_slice(packed, part.n, packed.n);
		code = inflate_feed(i, part, out, e);
	}
	if (code == 0) {
		code = inflate_end(i, e);
	} else {
		assert_int_equal(inflate_feed(i, STR("more"), out, NULL), code); /* it sticks */
		assert_int_equal(inflate_end(i, NULL), code);
	}
	inflate_destroy(i);
	return code;
}

static void any_cut_gives_the_same(void **state)
{
	const size_t lines[] = {0, 1, 40, 9000};
	const size_t steps[] = {1, 2, 3, 7, 100, 4096, SIZE_MAX};
	for (size_t l = 0; l < 4; l++) {
		for (int level = 0; level <= 9; level += 3) {
			struct buf text = {0}, packed = {0};
			make_text(lines[l], &text);
			pack(buf_view(&text), level, &packed);
			for (size_t s = 0; s < 7; s++) {
				struct buf out = {0};
				struct err e = {0};
				assert_int_equal(unpack(buf_view(&packed), steps[s], text.n, &out, &e), 0);
				assert_int_equal(out.n, text.n);
				assert_true(out.n == 0 || memcmp(out.p, text.p, out.n) == 0);
				buf_finish(&out);
			}
			buf_finish(&text);
			buf_finish(&packed);
		}
	}
}

static void must_fail(struct str packed, uint64_t limit, int code, const char *word)
{
	const size_t steps[] = {1, 5, SIZE_MAX};
	for (size_t s = 0; s < 3; s++) {
		struct buf out = {0};
		struct err e = {0};
		assert_int_equal(unpack(packed, steps[s], limit, &out, &e), code);
		assert_non_null(strstr(e.text, word));
		assert_true(out.n <= limit);
		buf_finish(&out);
	}
}

static void what_is_wrong_is_said(void **state)
{
	struct buf text = {0}, packed = {0};
	make_text(300, &text);
	pack(buf_view(&text), 6, &packed);
	struct str whole = buf_view(&packed);
	for (size_t n = 0; n < whole.n; n += n < 20 ? 1 : 97) {
		must_fail(str_slice(whole, 0, n), SIZE_MAX, ERR_CORRUPT, "too early");
	}
	must_fail(whole, text.n - 1, ERR_TOO_LARGE, "when unpacked");
	must_fail(STR("{\"no\": 1}"), SIZE_MAX, ERR_CORRUPT, "not gzip");
	packed.p[packed.n - 6] ^= 1;
	must_fail(whole, SIZE_MAX, ERR_CORRUPT, "checksum");
	packed.p[packed.n - 6] ^= 1;
	packed.p[3] = (char)0x80;
	must_fail(whole, SIZE_MAX, ERR_CORRUPT, "flags");
	packed.p[3] = 0;
	buf_add_text(&packed, "x");
	must_fail(buf_view(&packed), SIZE_MAX, ERR_CORRUPT, "behind the end");
	buf_finish(&text);
	buf_finish(&packed);
}

static void members_follow_each_other(void **state)
{
	struct buf packed = {0}, out = {0};
	struct err e = {0};
	pack(STR("one "), 9, &packed);
	pack(STR(""), 9, &packed);
	pack(STR("two"), 0, &packed);
	assert_int_equal(unpack(buf_view(&packed), 1, 100, &out, &e), 0);
	assert_true(str_is(buf_view(&out), "one two"));
	buf_finish(&packed);
	buf_finish(&out);
}

static void a_bomb_is_cut_at_the_limit(void **state)
{
	struct buf packed = {0}, zeros = {0};
	buf_reserve(&zeros, 8 << 20);
	memset(zeros.p, 0, 8 << 20);
	for (int i = 0; i < 8; i++) {
		pack((struct str){zeros.p, 8 << 20}, 9, &packed);
	}
	must_fail(buf_view(&packed), 1 << 20, ERR_TOO_LARGE, "1048576");
	buf_finish(&packed);
	buf_finish(&zeros);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_cut_gives_the_same),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(members_follow_each_other),
		cmocka_unit_test(a_bomb_is_cut_at_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
