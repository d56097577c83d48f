#include "core/io/environment_windows.h"

#include "core/base/mem.h"
#include "core/posix/include/posix_windows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

static size_t name_length(const wchar_t *text)
{
	/* the first character may be "=": the current folders of drives are called so */
	const wchar_t *equals = text[0] != L'\0' ? wcschr(text + 1, L'=') : NULL;
	return equals != NULL ? (size_t)(equals - text) : wcslen(text);
}

static int compare_names(const wchar_t *a, const wchar_t *b)
{
	int order = CompareStringOrdinal(a, (int)name_length(a), b, (int)name_length(b), TRUE);
	return order - CSTR_EQUAL;
}

/* Put in order one by one: there are some dozens. */
static size_t insert(wchar_t **list, size_t n, wchar_t *text)
{
	size_t at = 0;
	while (at < n && compare_names(list[at], text) < 0) {
		at++;
	}
	if (at < n && compare_names(list[at], text) == 0) {
		free(list[at]);
		list[at] = text;
		return n;
	}
	memmove(list + at + 1, list + at, (n - at) * sizeof(*list));
	list[at] = text;
	return n + 1;
}

wchar_t *environment_block(const char *const *env)
{
	size_t count = 0;
	while (env != NULL && env[count] != NULL) {
		count++;
	}
	wchar_t **list = mem_new(count + 1, sizeof(*list));
	wchar_t *block = NULL;
	size_t n = 0;
	size_t length = 2;
	for (size_t i = 0; i < count; i++) {
		wchar_t *text = posix_wide(env[i]);
		if (text == NULL) {
			goto out;
		}
		n = insert(list, n, text);
	}
	for (size_t i = 0; i < n; i++) {
		length += wcslen(list[i]) + 1;
	}
	block = mem_new(length, sizeof(*block));
	wchar_t *end = block;
	for (size_t i = 0; i < n; i++) {
		size_t size = wcslen(list[i]) + 1;
		memcpy(end, list[i], size * sizeof(*end));
		end += size;
	}
out:
	for (size_t i = 0; i < n; i++) {
		free(list[i]);
	}
	free(list);
	return block;
}

static const char *const endings[] = {".exe", ".com", ".bat", ".cmd"};

static bool is_file(const char *path, int *error)
{
	struct posix_stat st;
	if (posix_stat(path, &st) != 0) {
		/* that one folder has no such file says less than that another's may not be run */
		*error = errno == ENOENT || errno == ENOTDIR ? *error : errno;
		return false;
	}
	if ((st.st_mode & 0170000) != 0100000) {
		*error = EACCES;
		return false;
	}
	return true;
}

static char *with_ending(const char *path, int *error)
{
	struct str whole = str_from(path);
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size_t n = strlen(endings[i]);
		if (whole.n > n &&
			str_equal_nocase(str_slice(whole, whole.n - n, whole.n), str_from(endings[i]))) {
			return is_file(path, error) ? str_dup(whole) : NULL;
		}
	}
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		char *longer = str_format("%s%s", path, endings[i]);
		if (is_file(longer, error)) {
			return longer;
		}
		free(longer);
	}
	return is_file(path, error) ? str_dup(whole) : NULL;
}

char *environment_find_program(const char *name, const char *const *env)
{
	int error = ENOENT;
	char *found = NULL;
	struct str path = {0};
	if (strpbrk(name, "/\\") != NULL) {
		found = with_ending(name, &error);
		errno = error;
		return found;
	}
	for (const char *const *v = env; v != NULL && *v != NULL; v++) {
		if (str_equal_nocase(str_slice(str_from(*v), 0, 5), STR("PATH="))) {
			path = str_from(*v + 5);
		}
	}
	for (struct str folder; found == NULL && str_split(&path, ';', &folder);) {
		if (folder.n != 0) {
			char *file = str_format("%.*s/%s", STR_ARG(folder), name);
			found = with_ending(file, &error);
			free(file);
		}
	}
	errno = error;
	return found;
}

wchar_t *environment_file(const char *path)
{
	if (strcmp(path, "cmd.exe") == 0) {
		wchar_t *file = mem_new(MAX_PATH + 16, sizeof(*file));
		UINT n = GetSystemDirectoryW(file, MAX_PATH);
		memcpy(file + n, L"\\cmd.exe", 9 * sizeof(*file));
		return file;
	}
	wchar_t *file = posix_path(path);
	if (file == NULL) {
		return NULL;
	}
	size_t n = wcslen(file);
	bool share = wcsncmp(file, L"\\??\\UNC\\", 8) == 0;
	if (n - 4 < MAX_PATH - 1 && !share) {
		memmove(file, file + 4, (n - 3) * sizeof(*file));
	} else {
		file[1] = L'\\';
	}
	return file;
}
