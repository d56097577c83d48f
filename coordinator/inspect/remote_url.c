#include "coordinator/inspect/remote_wheel.h"

#include <stdlib.h>
#include <string.h>

bool remote_wheel_is_url(const char *text)
{
	struct str s = str_from(text);
	return str_equal_nocase(str_slice(s, 0, 7), STR("http://")) ||
		str_equal_nocase(str_slice(s, 0, 8), STR("https://"));
}

/* Without query and fragment. */
static struct str place(const char *url)
{
	return (struct str){.p = url, .n = strcspn(url, "?#")};
}

char *remote_wheel_shown(const char *url)
{
	struct str text = place(url);
	ptrdiff_t colons = str_find_text(text, STR("://"));
	size_t host = colons < 0 ? 0 : (size_t)colons + 3;
	size_t path = host;
	size_t user_end = host;
	while (path < text.n && text.p[path] != '/') {
		path++;
		user_end = text.p[path - 1] == '@' ? path : user_end;
	}
	struct buf shown = {0};
	buf_add_str(&shown, str_slice(text, 0, host));
	buf_add_utf8(&shown, str_slice(text, user_end, text.n));
	return buf_take(&shown);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

char *remote_wheel_decode(struct str text)
{
	struct buf out = {0};
	for (size_t i = 0; i < text.n; i++) {
		int high = i + 2 < text.n && text.p[i] == '%' ? hex_digit(text.p[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text.p[i + 2]) : -1;
		if (low >= 0) {
			buf_add_char(&out, (char)(high * 16 + low));
			i += 2;
		} else {
			buf_add_char(&out, text.p[i]);
		}
	}
	return buf_take(&out);
}

char *remote_wheel_file_name(const char *url)
{
	struct str text = place(url);
	return remote_wheel_decode(str_slice(text, (size_t)(str_find_last(text, '/') + 1), text.n));
}
