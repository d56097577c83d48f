#include "core/io/archive.h"
#include "core/io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Unpacks into PLACE/out and looks whether anything appeared beside it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char place[] = "/dev/shm/wheelfarm-fuzz-XXXXXX";
	struct err e;
	if (mkdtemp(place) == NULL) {
		abort();
	}
	char *file = file_join(place, "in");
	char *folder = file_join(place, "out");
	FILE *f = fopen(file, "wb");
	if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0 ||
		file_make_folders(folder, &e) != 0) {
		abort();
	}
	const struct archive_limits limits = {.entries = 100, .total_bytes = 1 << 20};
	char *top = NULL;
	(void)archive_unpack(file, folder, &limits, &top, &e);
	free(top);
	if (file_remove_tree(folder, &e) != 0 || unlink(file) != 0 || rmdir(place) != 0) {
		abort();
	}
	free(file);
	free(folder);
	return 0;
}
