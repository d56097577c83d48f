#include "agent/executor.h"

#include <string.h>

static const struct executor rows[] = {
	{.name = "native", .python = "/usr/bin/python%s"},
	{.name = "qemu", .python = "/usr/bin/python%s"},
	{.name = "wine", .python = "/opt/wheelfarm/bin/python%s", .is_stand_in = true},
};

const struct executor *executor_find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(rows[i].name, name) == 0) {
			return &rows[i];
		}
	}
	return NULL;
}

bool executor_gave_up(
	const struct executor *x, struct str output, int code, int own, struct buf *why)
{
	/* Wine's own words: a function that its DLL has not got, an exception nobody handled, its server */
	static const char *const signs[] = {"wine: Call from ", "wine: Unimplemented function",
		"wine: Unhandled ", "wine client error:", "wineserver: "};
	if (!x->is_stand_in) {
		return false;
	}
	/* also of an exit code of 0: a missing function ends with 0x80000100, of which a byte is left */
	struct str rest = output;
	struct str line;
	while (str_split(&rest, '\n', &line)) {
		for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
			if (str_starts(line, signs[i])) {
				line = str_trim(line);
				buf_add_utf8(why, line);
				return true;
			}
		}
	}
	if (code >= 0 && code <= own) {
		return false;
	}
	buf_printf(why, "%s ended with %s %d", x->name, code < 0 ? "signal" : "exit code",
		code < 0 ? -code : code);
	return true;
}
