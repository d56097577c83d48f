/* The first byte chooses the depth of ranges; the rest is the file. Every member that has no fault of
 * its own is read. */
#include "core/inspect/zip_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES_MAX = 1 << 22 }; /* inflated, of one input: more says nothing new */

static int take(void *user, struct str piece)
{
	size_t *left = user;
	*left -= piece.n < *left ? piece.n : *left;
	return *left == 0;
}

static void feed_all(struct zip_reader *z, struct str file)
{
	struct zip_range range;
	while (zip_reader_needs(z, &range)) {
		size_t from = range.offset < file.n ? (size_t)range.offset : file.n;
		zip_reader_feed(z, str_slice(file, from, from + range.length));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	struct str file = {.p = (const char *)data + 1, .n = size - 1};
	struct zip_reader *z = zip_reader_create(file.n);
	const char *sentence;
	size_t left = BYTES_MAX;
	feed_all(z, file);
	zip_reader_fault(z, &sentence);
	for (size_t i = 0; i < zip_reader_count(z) && left != 0; i++) {
		struct zip_range range;
		zip_reader_first_range(z, i, data[0], &range);
		if (zip_reader_entry(z, i)->fault == ZIP_FINE) {
			zip_reader_open(z, i, data[0], take, &left);
			feed_all(z, file);
			zip_reader_member_fault(z, &sentence);
		}
	}
	zip_reader_destroy(z);
	return 0;
}
