/* A pack of files as a damaged database may hold it; what can be read must survive another round. */
#include "coordinator/store/file_pack.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct store_file *files, *again;
	size_t count, again_count;
	struct err e = {0};
	(void)file_pack_read(
		(struct str){(const char *)data, size}, FILE_PACK_NAMES, &arena, &files, &count, &e);
	if (file_pack_read((struct str){(const char *)data, size}, FILE_PACK_WHOLE, &arena, &files,
			&count, &e) == 0) {
		struct buf pack = {0};
		file_pack_write(files, count, &pack);
		if (file_pack_read(buf_view(&pack), FILE_PACK_WHOLE, &arena, &again, &again_count, &e) !=
				0 ||
			again_count != count) {
			abort();
		}
		for (size_t i = 0; i < count; i++) {
			if (!str_equal(files[i].filename, again[i].filename) ||
				!str_equal(files[i].url, again[i].url) ||
				!str_equal(files[i].version, again[i].version) ||
				!str_equal(files[i].sha256, again[i].sha256) || files[i].size != again[i].size) {
				abort();
			}
		}
		buf_finish(&pack);
	}
	arena_finish(&arena);
	return 0;
}
