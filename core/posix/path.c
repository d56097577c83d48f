/* Names: UTF-8 and UTF-16, and what the kernel calls a path. */
#include "core/posix/include/posix_windows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

/* One code point of WTF-8 (RFC 3629, and single surrogates); its length, 0 if it is none. */
static size_t decode(const unsigned char *p, uint32_t *point)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	for (size_t n = 0; n < 4; n++) {
		if ((p[0] & forms[n].mask) != forms[n].lead) {
			continue;
		}
		uint32_t value = p[0] & (unsigned char)~forms[n].mask;
		for (size_t i = 1; i <= n; i++) {
			if ((p[i] & 0xc0) != 0x80) { /* the zero at the end, too */
				return 0;
			}
			value = value << 6 | (p[i] & 0x3f);
		}
		*point = value;
		return value >= forms[n].least && value <= 0x10ffff ? n + 1 : 0;
	}
	return 0;
}

wchar_t *posix_wide(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	wchar_t *out = malloc((strlen(text) + 1) * sizeof(*out));
	size_t n = 0;
	if (out == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	while (*p != 0) {
		uint32_t point;
		size_t length = decode(p, &point);
		if (length == 0) {
			free(out);
			errno = EILSEQ;
			return NULL;
		}
		p += length;
		if (point >= 0x10000) {
			out[n++] = (wchar_t)(0xd800 + ((point - 0x10000) >> 10));
			point = 0xdc00 + ((point - 0x10000) & 0x3ff);
		}
		out[n++] = (wchar_t)point;
	}
	out[n] = L'\0';
	return out;
}

static size_t encode(uint32_t point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	size_t n = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
	static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
	for (size_t i = n; i > 0; i--) {
		out[i] = (char)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	out[0] = (char)(leads[n] | point);
	return n + 1;
}

char *posix_narrow(const wchar_t *text, size_t n)
{
	char *out = malloc(n * 3 + 1);
	size_t used = 0;
	if (out == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t point = text[i];
		if (point >= 0xd800 && point < 0xdc00 && i + 1 < n && text[i + 1] >= 0xdc00 &&
			text[i + 1] < 0xe000) {
			point = 0x10000 + ((point - 0xd800) << 10) + (text[++i] - 0xdc00u);
		}
		used += encode(point, out + used);
	}
	out[used] = '\0';
	return out;
}

static bool is_separator(wchar_t c)
{
	return c == L'/' || c == L'\\';
}

static bool is_drive(const wchar_t *p)
{
	wchar_t letter = p[0] | 0x20;
	return letter >= L'a' && letter <= L'z' && p[1] == L':';
}

/* How many units at the start of an absolute path are no names: "C:", "\\server\share", "\\?\C:". */
static size_t root_length(const wchar_t *p)
{
	if (is_drive(p)) {
		return 2;
	}
	if (wcsncmp(p, L"\\\\?\\", 4) == 0 && is_drive(p + 4)) {
		return 6;
	}
	if (!is_separator(p[0]) || !is_separator(p[1])) {
		return 0;
	}
	size_t n = 2;
	for (int part = 0; part < 2 && p[n] != L'\0'; part++) {
		n += part;
		while (p[n] != L'\0' && !is_separator(p[n])) {
			n++;
		}
	}
	return n;
}

static wchar_t *current_folder(void)
{
	DWORD n = GetCurrentDirectoryW(0, NULL);
	wchar_t *out = malloc((n + 1) * sizeof(*out));
	if (out == NULL || GetCurrentDirectoryW(n, out) == 0) {
		free(out);
		errno = ENOENT;
		return NULL;
	}
	return out;
}

/* Adds the names of `rest` to the path, "." and ".." resolved, never above `root`. */
static size_t add_names(wchar_t *out, size_t n, size_t root, const wchar_t *rest)
{
	while (*rest != L'\0') {
		size_t length = 0;
		while (rest[length] != L'\0' && !is_separator(rest[length])) {
			length++;
		}
		if (length == 2 && rest[0] == L'.' && rest[1] == L'.') {
			while (n > root && out[--n] != L'\\') {
			}
		} else if (length != 0 && !(length == 1 && rest[0] == L'.')) {
			out[n++] = L'\\';
			memcpy(out + n, rest, length * sizeof(*out));
			n += length;
		}
		rest += length + (rest[length] != L'\0');
	}
	return n;
}

wchar_t *posix_path(const char *path)
{
	wchar_t *given = posix_wide(path);
	wchar_t *base = NULL;
	wchar_t *out = NULL;
	if (given == NULL) {
		return NULL;
	}
	if (given[0] == L'\0') {
		errno = ENOENT;
		goto out;
	}
	size_t given_root = root_length(given);
	if (given_root == 0) {
		base = current_folder();
		if (base == NULL) {
			goto out;
		}
	}
	const wchar_t *start = base != NULL ? base : given;
	size_t root = root_length(start);
	out = malloc((wcslen(start) + wcslen(given) + 16) * sizeof(*out));
	if (out == NULL) {
		errno = ENOMEM;
		goto out;
	}
	size_t n = 4;
	memcpy(out, L"\\??\\", 4 * sizeof(*out));
	size_t skip = wcsncmp(start, L"\\\\?\\", 4) == 0 ? 4 : 0;
	if (skip == 0 && is_separator(start[0])) {
		memcpy(out + n, L"UNC", 3 * sizeof(*out));
		n += 3;
		skip = 1;
	}
	for (size_t i = skip; i < root; i++) {
		out[n++] = is_separator(start[i]) ? L'\\' : start[i];
	}
	size_t top = n;
	/* "/name" is of the current drive */
	bool of_drive = base != NULL && is_separator(given[0]);
	if (base != NULL && !of_drive) {
		n = add_names(out, n, top, base + root);
	}
	n = add_names(out, n, top, given + given_root);
	if (n == top) {
		out[n++] = L'\\';
	}
	out[n] = L'\0';
out:
	free(given);
	free(base);
	return out;
}
