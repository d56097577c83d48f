#include "core/base/err.h"

#include <stdio.h>
#include <string.h>

int err_setv(struct err *e, int code, const char *format, va_list arguments)
{
	if (e != NULL) {
		e->code = code;
		vsnprintf(e->text, sizeof(e->text), format, arguments);
	}
	return code;
}

int err_set(struct err *e, int code, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	err_setv(e, code, format, arguments);
	va_end(arguments);
	return code;
}

int err_prefix(struct err *e, int code, const char *format, ...)
{
	if (e == NULL) {
		return code;
	}
	char prefix[160];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(prefix, sizeof(prefix), format, arguments);
	va_end(arguments);
	char text[sizeof(e->text)];
	memcpy(text, e->text, sizeof(text));
	snprintf(e->text, sizeof(e->text), "%s: %.340s", prefix, text);
	e->code = code;
	return code;
}

const char *err_name(int code)
{
	switch (code) {
	case 0:
		return "OK";
#define ERR_CASE(name, number, text) \
	case number:                     \
		return "ERR_" #name;
		ERR_MAP(ERR_CASE)
#undef ERR_CASE
	default:
		return "ERR_SYSTEM";
	}
}

const char *err_text(int code)
{
	switch (code) {
	case 0:
		return "success";
#define ERR_CASE(name, number, text) \
	case number:                     \
		return text;
		ERR_MAP(ERR_CASE)
#undef ERR_CASE
	default:
		return strerror(-code);
	}
}
