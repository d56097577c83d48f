#include "recipes/data.h"

#include "core/base/vec.h"
#include "core/io/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_LIMIT = 1 << 20 };

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int data_list(const char *folder, struct arena *arena, struct json_texts *out, struct err *e)
{
	VEC(const char *) names = {0};
	DIR *dir = opendir(folder);
	*out = (struct json_texts){0};
	if (dir == NULL) {
		int code = errno == ENOENT ? ERR_NOT_FOUND : -errno;
		return err_set(e, code, "%s: %s", folder, strerror(errno));
	}
	for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		struct str name = str_from(entry->d_name);
		if (name.p[0] != '.' && str_ends(name, ".yaml")) {
			*vec_add(&names) = arena_copy(arena, name.p, name.n - strlen(".yaml"));
		}
	}
	closedir(dir);
	if (names.n != 0) {
		qsort(names.v, names.n, sizeof(*names.v), compare_texts);
		out->v = arena_new(arena, names.n * sizeof(*names.v));
		memcpy(out->v, names.v, names.n * sizeof(*names.v));
		out->n = names.n;
	}
	vec_finish(&names);
	return 0;
}

int data_load(const char *folder, const char *kind, size_t size, data_load_fn load,
	struct arena *arena, void **out, size_t *count, struct err *e)
{
	char *files = file_join(folder, kind);
	struct json_texts names;
	int code = data_list(files, arena, &names, e);
	*out = code == 0 ? arena_new(arena, (names.n + 1) * size) : NULL;
	*count = 0;
	for (size_t i = 0; code == 0 && i < names.n; i++) {
		char *path = str_format("%s/%s.yaml", files, names.v[i]);
		code = load((char *)*out + i * size, arena, path, names.v[i], e);
		*count = i + (code == 0);
		free(path);
	}
	free(files);
	return code;
}

int data_read(const char *file, struct buf *out, struct err *e)
{
	return file_read(file, FILE_LIMIT, out, e);
}

const char *data_text(struct arena *arena, const char *text)
{
	return text != NULL ? arena_copy(arena, text, strlen(text)) : NULL;
}

struct json_texts data_texts(struct arena *arena, char *const *v, size_t n)
{
	struct json_texts out = {0};
	if (n != 0) {
		out.v = arena_new(arena, n * sizeof(*out.v));
		out.n = n;
		for (size_t i = 0; i < n; i++) {
			out.v[i] = data_text(arena, v[i] != NULL ? v[i] : "");
		}
	}
	return out;
}

/* Is there a `key:` in this line, as the first word or inside of `{…}`? Then *rest is what stands
 * behind the colon. */
static bool line_has_key(struct str line, const char *key, struct str *rest)
{
	size_t n = strlen(key);
	ptrdiff_t at = 0, found;
	while ((found = str_find_text(str_slice(line, (size_t)at, line.n), str_from(key))) >= 0) {
		at += found;
		bool begins = at == 0 || strchr(" \t{,-", line.p[at - 1]) != NULL;
		at += (ptrdiff_t)n;
		if (begins && (size_t)at < line.n && line.p[at] == ':') {
			*rest = str_slice(line, (size_t)at + 1, line.n);
			return true;
		}
	}
	return false;
}

int data_line(struct str text, const char *key, const char *value)
{
	int number = 0, key_line = 0;
	struct str rest = text, line, behind;
	while (str_split(&rest, '\n', &line)) {
		number++;
		bool has_value = value != NULL && str_find_text(line, str_from(value)) >= 0;
		if (line_has_key(line, key, &behind)) {
			if (key_line == 0) {
				key_line = number;
			}
			if (value == NULL || str_find_text(behind, str_from(value)) >= 0) {
				return number;
			}
		} else if (key_line != 0 && has_value && str_starts(str_trim(line), "-")) {
			return number;
		}
	}
	return key_line != 0 ? key_line : 1;
}

int data_error(struct err *e, const char *file, int line, const char *format, ...)
{
	char text[400];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return err_set(e, ERR_INVALID, "%s:%d: %s", file, line, text);
}
