#include "core/inspect/problem.h"

#include "core/base/mem.h"

struct row {
	const char *name;
	enum wheel_severity severity;
	const char *advice;
};

static const struct row rows[WHEEL_PROBLEM_COUNT] = {
#define ROW(code, text, level, what_to_do) \
	[WHEEL_PROBLEM_##code] = {.name = (text), .severity = WHEEL_##level, .advice = (what_to_do)},
	WHEEL_PROBLEM_MAP(ROW)
#undef ROW
};

const char *wheel_problem_name(enum wheel_problem_code code)
{
	return rows[code].name;
}

bool wheel_problem_find(struct str name, enum wheel_problem_code *out)
{
	for (size_t i = 0; i < WHEEL_PROBLEM_COUNT; i++) {
		if (str_is(name, rows[i].name)) {
			*out = (enum wheel_problem_code)i;
			return true;
		}
	}
	return false;
}

enum wheel_severity wheel_problem_severity(enum wheel_problem_code code)
{
	return rows[code].severity;
}

const char *wheel_problem_advice(enum wheel_problem_code code)
{
	return rows[code].advice;
}

const char *wheel_severity_name(enum wheel_severity severity)
{
	static const char *const names[] = {
		[WHEEL_NOTE] = "note", [WHEEL_WARNING] = "warning", [WHEEL_ERROR] = "error"};
	return names[severity];
}
