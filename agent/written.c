#include "agent/written.h"

#include "core/io/file.h"
#include "core/pep/ascii.h"

#include <stdint.h>
#include <string.h>

static uint32_t unit(const struct buf *in, size_t i, bool big)
{
	uint32_t first = (unsigned char)in->p[i];
	uint32_t second = (unsigned char)in->p[i + 1];
	return big ? first << 8 | second : second << 8 | first;
}

/* UTF-16 behind its mark, RFC 2781 section 2.2. */
static void from_utf16(const struct buf *in, bool big, struct buf *out)
{
	for (size_t i = 2; i + 1 < in->n; i += 2) {
		uint32_t c = unit(in, i, big);
		bool high = c >= 0xd800 && c < 0xdc00;
		uint32_t low = high && i + 3 < in->n ? unit(in, i + 2, big) : 0;
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = 0xfffd;
		}
		ascii_add_utf8(out, c);
	}
}

int written_read(const char *path, size_t limit, struct buf *out, struct err *e)
{
	struct buf bytes = {0};
	int code = file_read(path, limit, &bytes, e);
	struct str all = buf_view(&bytes);
	bool little = str_starts(all, "\xff\xfe");
	if (code == 0 && (little || str_starts(all, "\xfe\xff"))) {
		from_utf16(&bytes, !little, out);
	} else if (code == 0) {
		buf_add_str(out, str_starts(all, "\xef\xbb\xbf") ? str_slice(all, 3, all.n) : all);
	}
	buf_finish(&bytes);
	return code;
}
