#include "agent/toolchain.h"

#include "agent/tree.h"
#include "core/io/file.h"

#include <stdlib.h>
#include <string.h>

const struct toolchain *const toolchain_rows[] = {
	&toolchain_cross_zig,
	&toolchain_image,
	NULL,
};

const struct toolchain *toolchain_find(struct str name)
{
	for (const struct toolchain *const *t = toolchain_rows; *t != NULL; t++) {
		if (str_is(name, (*t)->name)) {
			return *t;
		}
	}
	return NULL;
}

void toolchain_add_file(
	struct toolchain_use *use, struct arena *a, const char *name, bool executable, const char *text)
{
	struct toolchain_file *files = arena_new(a, (use->file_count + 1) * sizeof(*files));
	if (use->file_count != 0) {
		memcpy(files, use->files, use->file_count * sizeof(*files));
	}
	size_t n = strlen(text);
	files[use->file_count++] = (struct toolchain_file){
		.name = arena_copy(a, name, strlen(name)),
		.executable = executable,
		.bytes = {.p = arena_copy(a, text, n), .n = n},
	};
	use->files = files;
}

static int write_one(const struct toolchain_file *file, const char *folder, struct err *e)
{
	char *path = file_join(folder, file->name);
	char *slash = strrchr(path, '/');
	*slash = '\0';
	int code = file_make_folders(path, e);
	*slash = '/';
	if (code == 0) {
		code = tree_write(path, file->bytes, file->executable ? 0755 : 0644, e);
	}
	free(path);
	return code;
}

int toolchain_write(const struct toolchain_use *use, const char *folder, struct err *e)
{
	int code = 0;
	for (size_t i = 0; i < use->file_count && code == 0; i++) {
		code = write_one(&use->files[i], folder, e);
	}
	return code;
}

const char *toolchain_line(const char *cache, const char *name, struct arena *a)
{
	struct buf bytes = {0};
	char *path = file_join(cache, name);
	const char *line = "";
	if (file_read(path, 4096, &bytes, NULL) == 0) {
		struct str rest = buf_view(&bytes);
		struct str first = {0};
		if (str_split(&rest, '\n', &first)) {
			first = str_trim(first);
			line = arena_copy(a, first.n != 0 ? first.p : "", first.n);
		}
	}
	buf_finish(&bytes);
	free(path);
	return line;
}
