#include "agent/inspect_reason.h"

/* All that is not named here says that the wheel as a whole is wrong. */
static const struct row {
	enum wheel_problem_code code;
	enum reason reason;
} rows[] = {
	{WHEEL_PROBLEM_MACHINE_MISMATCH, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_BINARY_IN_PURE, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_NO_BINARY_IN_PLATFORM_WHEEL, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_WHEEL_TAG_MISMATCH, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_SUFFIX_MISMATCH, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_PYTHON_ABI_MISMATCH, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_ABI3_VIOLATION, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_ARM64EC, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_GLIBC_TOO_NEW, REASON_CODE_GLIBC_FLOOR},
	{WHEEL_PROBLEM_PAGE_ALIGNMENT, REASON_CODE_PAGE_SIZE},
};

enum reason inspect_reason(enum wheel_problem_code code)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].code == code) {
			return rows[i].reason;
		}
	}
	return REASON_CODE_WRONG_WHEEL;
}
