/* ucrtshim.dll: what the API sets api-ms-win-crt-* mean in the bench (apisetschema.dll is edited to say so).
 *
 * Debian 12 builds Wine for arm64 as ELF. There a va_list is the structure of the AAPCS64, not the pointer it is on
 * Windows, so a Windows program that calls printf and its kin ends in a crash. This DLL forwards everything to Wine's
 * ucrtbase.dll (ucrtshim.def) except the functions here, which take a va_list and hand it to MinGW's code.
 *
 * No C header is included: they declare with other words what is defined here. */
#include <stdarg.h>
#include <stddef.h>

typedef struct _iobuf FILE;
typedef unsigned long long options; /* of <corecrt_stdio_config.h> */

enum {
	LEGACY_VSPRINTF_NUL = 1, /* _vsnprintf: no NUL where the text fills the buffer, and -1 */
	STANDARD_SNPRINTF = 2, /* C99: the length that there would be */
	WIDE_FIRST = 512,
	WIDE_MAX = 1 << 26,
	COUNT_MAX = 0x7fffffff,
};

void *malloc(size_t);
void free(void *);
void *memcpy(void *, const void *, size_t);
size_t strnlen(const char *, size_t);
size_t wcsnlen(const wchar_t *, size_t);
size_t fwrite(const void *, size_t, size_t, FILE *);
int fputws(const wchar_t *, FILE *);
int __mingw_vsnprintf(char *, size_t, const char *, va_list);
int __mingw_vsnwprintf(wchar_t *, size_t, const wchar_t *, va_list);
int __mingw_vsscanf(const char *, const char *, va_list);
int __mingw_vswscanf(const wchar_t *, const wchar_t *, va_list);
int __mingw_vfscanf(FILE *, const char *, va_list);
int __mingw_vfwscanf(FILE *, const wchar_t *, va_list);

#define EXPORT __declspec(dllexport) int

static int answer(options o, int length, size_t count)
{
	if (length < 0 || (size_t)length < count || (o & STANDARD_SNPRINTF)) {
		return length;
	}
	return (o & LEGACY_VSPRINTF_NUL) && (size_t)length == count ? length : -1;
}

EXPORT __stdio_common_vsprintf(
	options o, char *out, size_t count, const char *format, void *locale, va_list list)
{
	if (out == NULL || count == 0) {
		return __mingw_vsnprintf(NULL, 0, format, list);
	}
	if (count > COUNT_MAX) { /* sprintf: no end is known */
		return answer(o, __mingw_vsnprintf(out, COUNT_MAX, format, list), count);
	}
	if ((o & STANDARD_SNPRINTF) || !(o & LEGACY_VSPRINTF_NUL)) {
		return answer(o, __mingw_vsnprintf(out, count, format, list), count);
	}
	char *whole = malloc(count + 1);
	int n = __mingw_vsnprintf(whole, count + 1, format, list);
	memcpy(out, whole, n >= 0 && (size_t)n < count ? (size_t)n + 1 : count);
	free(whole);
	return answer(o, n, count);
}

EXPORT __stdio_common_vsprintf_s(
	options o, char *out, size_t count, const char *format, void *locale, va_list list)
{
	int n = __mingw_vsnprintf(out, count, format, list);
	if (n >= 0 && (size_t)n < count) {
		return n;
	}
	if (out != NULL && count != 0) {
		*out = '\0';
	}
	return -1;
}

EXPORT __stdio_common_vsprintf_p(
	options o, char *out, size_t count, const char *format, void *locale, va_list list)
{
	return __stdio_common_vsprintf_s(o, out, count, format, locale, list);
}

EXPORT __stdio_common_vsnprintf_s(
	options o, char *out, size_t size, size_t count, const char *format, void *locale, va_list list)
{
	size_t room = count == (size_t)-1 || count + 1 > size ? size : count + 1;
	int n = __mingw_vsnprintf(out, room, format, list);
	return n < 0 || (size_t)n >= room ? -1 : n;
}

/* The whole text, to be freed: MinGW's wide function does not say how long it would be. */
static wchar_t *wide(const wchar_t *format, va_list list, int *length)
{
	for (size_t room = WIDE_FIRST;; room *= 2) {
		wchar_t *text = malloc(room * sizeof(*text));
		va_list copy;
		va_copy(copy, list);
		int n = __mingw_vsnwprintf(text, room, format, copy);
		va_end(copy);
		if (n >= 0 && (size_t)n < room - 1) {
			*length = n;
			return text;
		}
		if (room >= WIDE_MAX) {
			*length = -1;
			return text;
		}
		free(text);
	}
}

EXPORT __stdio_common_vswprintf(
	options o, wchar_t *out, size_t count, const wchar_t *format, void *locale, va_list list)
{
	int n;
	wchar_t *text = wide(format, list, &n);
	if (out != NULL && count != 0 && n >= 0) {
		size_t kept = (size_t)n < count ? (size_t)n : count - 1;
		memcpy(out, text, kept * sizeof(*text));
		out[kept] = 0;
	}
	free(text);
	return out == NULL || count == 0 ? n : answer(o, n, count);
}

EXPORT __stdio_common_vswprintf_s(
	options o, wchar_t *out, size_t count, const wchar_t *format, void *locale, va_list list)
{
	int n = __stdio_common_vswprintf(STANDARD_SNPRINTF, out, count, format, locale, list);
	if (n >= 0 && (size_t)n < count) {
		return n;
	}
	if (out != NULL && count != 0) {
		*out = 0;
	}
	return -1;
}

EXPORT __stdio_common_vswprintf_p(
	options o, wchar_t *out, size_t count, const wchar_t *format, void *locale, va_list list)
{
	return __stdio_common_vswprintf_s(o, out, count, format, locale, list);
}

EXPORT __stdio_common_vsnwprintf_s(options o, wchar_t *out, size_t size, size_t count,
	const wchar_t *format, void *locale, va_list list)
{
	size_t room = count == (size_t)-1 || count + 1 > size ? size : count + 1;
	int n = __stdio_common_vswprintf(STANDARD_SNPRINTF, out, room, format, locale, list);
	return n < 0 || (size_t)n >= room ? -1 : n;
}

EXPORT __stdio_common_vfprintf(
	options o, FILE *file, const char *format, void *locale, va_list list)
{
	char room[512];
	char *text = room;
	va_list copy;
	va_copy(copy, list);
	int n = __mingw_vsnprintf(room, sizeof(room), format, copy);
	va_end(copy);
	if (n >= (int)sizeof(room)) {
		text = malloc((size_t)n + 1);
		__mingw_vsnprintf(text, (size_t)n + 1, format, list);
	}
	if (n > 0 && fwrite(text, 1, (size_t)n, file) != (size_t)n) {
		n = -1;
	}
	if (text != room) {
		free(text);
	}
	return n;
}

EXPORT __stdio_common_vfprintf_s(
	options o, FILE *file, const char *format, void *locale, va_list list)
{
	return __stdio_common_vfprintf(o, file, format, locale, list);
}

EXPORT __stdio_common_vfprintf_p(
	options o, FILE *file, const char *format, void *locale, va_list list)
{
	return __stdio_common_vfprintf(o, file, format, locale, list);
}

EXPORT __stdio_common_vfwprintf(
	options o, FILE *file, const wchar_t *format, void *locale, va_list list)
{
	int n;
	wchar_t *text = wide(format, list, &n);
	if (n > 0 && fputws(text, file) < 0) {
		n = -1;
	}
	free(text);
	return n;
}

EXPORT __stdio_common_vfwprintf_s(
	options o, FILE *file, const wchar_t *format, void *locale, va_list list)
{
	return __stdio_common_vfwprintf(o, file, format, locale, list);
}

EXPORT __stdio_common_vfwprintf_p(
	options o, FILE *file, const wchar_t *format, void *locale, va_list list)
{
	return __stdio_common_vfwprintf(o, file, format, locale, list);
}

EXPORT __stdio_common_vsscanf(
	options o, const char *text, size_t count, const char *format, void *locale, va_list list)
{
	if (count == (size_t)-1 || strnlen(text, count) < count) {
		return __mingw_vsscanf(text, format, list);
	}
	char *ended = malloc(count + 1);
	memcpy(ended, text, count);
	ended[count] = '\0';
	int n = __mingw_vsscanf(ended, format, list);
	free(ended);
	return n;
}

EXPORT __stdio_common_vswscanf(
	options o, const wchar_t *text, size_t count, const wchar_t *format, void *locale, va_list list)
{
	if (count == (size_t)-1 || wcsnlen(text, count) < count) {
		return __mingw_vswscanf(text, format, list);
	}
	wchar_t *ended = malloc((count + 1) * sizeof(*ended));
	memcpy(ended, text, count * sizeof(*ended));
	ended[count] = 0;
	int n = __mingw_vswscanf(ended, format, list);
	free(ended);
	return n;
}

EXPORT __stdio_common_vfscanf(options o, FILE *file, const char *format, void *locale, va_list list)
{
	return __mingw_vfscanf(file, format, list);
}

EXPORT __stdio_common_vfwscanf(
	options o, FILE *file, const wchar_t *format, void *locale, va_list list)
{
	return __mingw_vfwscanf(file, format, list);
}
