#include "agent/stage_child.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct stage_child children[] = {
	{"fetch", stage_child_fetch, 4},
	{"unpack", stage_child_unpack, 2},
	{"patch", stage_child_patch, 4},
	{"repair", stage_child_repair, 6},
	{"inspect", stage_child_inspect, 7},
	{"tests", stage_child_tests, 3, true},
};

int stage_child_main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(children) / sizeof(*children); i++) {
		const struct stage_child *child = &children[i];
		bool fits = argc == child->arguments + 1 || (child->more && argc > child->arguments);
		if (fits && strcmp(argv[0], child->name) == 0) {
			return child->run(argc - 1, argv + 1);
		}
	}
	fprintf(stderr, "wheelfarm-agent: --stage: no such stage, or not its arguments\n");
	return 2;
}

int stage_child_fail(enum reason reason, const char *format, ...)
{
	struct buf text = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&text, format, arguments);
	va_end(arguments);
	fflush(stdout);
	fprintf(stderr, "wheelfarm: %s\n", text.n != 0 ? text.p : reason_code(reason));
	buf_finish(&text);
	return STAGE_EXIT_REASON + (int)reason;
}
