#include "core/io/patch.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes up to a zero byte are the old file, those behind it the patch. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {.p = (const char *)data, .n = size};
	struct str old;
	struct patch_file file;
	struct err e = {0};
	if (!str_split(&rest, '\0', &old)) {
		return 0;
	}
	while (patch_next(&rest, &file, &e) == 1) {
		struct buf out = {0};
		if (patch_strip(file.to, 1).n > file.to.n || file.from.n + file.to.n == 0) {
			abort();
		}
		/* what was read once is read again without a fault of its form */
		int code = patch_apply(&file, old, &out, &e);
		if (code != 0 && code != ERR_CONFLICT && code != ERR_INVALID) {
			abort();
		}
		buf_finish(&out);
	}
	return 0;
}
