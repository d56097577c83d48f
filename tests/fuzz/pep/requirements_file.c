#include "core/pep/requirements_file.h"
#include "tests/fuzz/pep/fuzz.h"

static const char *variable(void *user, struct str name)
{
	fuzz_require(name.n != 0, "a variable has a name");
	return name.p[0] == 'A' ? "\x01# ${B} \\ text" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct requirements_file f = {.rest = {.p = copy, .n = size}, .variable = variable};
	struct requirements_line line;
	struct err e;
	size_t last = 0;
	while (requirements_file_next(&f, &line, &e) == 1) {
		fuzz_require(line.line > last && line.line <= f.line, "lines come in order");
		fuzz_require(line.text.n <= REQUIREMENTS_LINE_MOST, "a line is bounded");
		fuzz_require(line.text.n != 0 || line.kind == REQUIREMENTS_INCLUDE ||
				line.kind == REQUIREMENTS_CONSTRAINTS || line.kind == REQUIREMENTS_EDITABLE,
			"a line says something");
		last = line.line;
	}
	requirements_file_finish(&f);
	free(copy);
	return 0;
}
