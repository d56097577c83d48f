#include "agent/toolchain.h"

#include "agent/tree.h"
#include "agent/written.h"
#include "core/io/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

const struct toolchain *const toolchain_rows[] = {
	&toolchain_cross_zig,
	&toolchain_cross_gcc,
	&toolchain_gcc,
	&toolchain_image,
	&toolchain_msvc,
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

void toolchain_bind(struct toolchain_use *use, struct arena *a, const char *from, const char *to)
{
	struct sandbox_spec spec = {.binds = use->binds};
	sandbox_bind(&spec, a, from, to, false);
	use->binds = spec.binds;
}

const char *toolchain_newest(const char *cache, const char *kind, const char *name, struct arena *a)
{
	const char *found = NULL;
	uint64_t best = 0;
	char *folder = file_join(cache, kind);
	DIR *all = opendir(folder);
	free(folder);
	if (all == NULL) {
		return NULL;
	}
	for (struct dirent *entry = readdir(all); entry != NULL; entry = readdir(all)) {
		struct str text = str_from(entry->d_name);
		ptrdiff_t dash = str_find_last(text, '-');
		size_t begin = dash < 0 ? 0 : (size_t)dash + 1;
		uint64_t revision = 0;
		if (!str_is(str_slice(text, 0, begin != 0 ? begin - 1 : 0), name) ||
			!str_to_u64(str_slice(text, begin, text.n), &revision) ||
			(found != NULL && revision < best)) {
			continue;
		}
		const char *below = arena_printf(a, "%s/%s", kind, entry->d_name);
		if (toolchain_line(cache, arena_printf(a, "%s/identity", below), a)[0] != '\0') {
			best = revision;
			found = below;
		}
	}
	closedir(all);
	return found;
}

const char *toolchain_line(const char *cache, const char *name, struct arena *a)
{
	struct buf bytes = {0};
	char *path = file_join(cache, name);
	const char *line = "";
	if (written_read(path, 4096, &bytes, NULL) == 0) {
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
