#include "coordinator/classify/classify.h"

#include <string.h>

/* Compilers and pip colour their output when they think somebody looks; a rule sees plain text. */
static struct str plain_line(struct str line, struct buf *scratch)
{
	if (str_find(line, '\033') < 0) {
		return line;
	}
	buf_clear(scratch);
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] != '\033') {
			buf_add_char(scratch, line.p[i]);
			continue;
		}
		if (i + 1 < line.n && line.p[i + 1] == '[') {
			i += 2;
			while (i < line.n && (line.p[i] < '@' || line.p[i] > '~')) {
				i++;
			}
		}
	}
	return buf_view(scratch);
}

static void keep_evidence(struct str line, struct classify_answer *out)
{
	struct buf text = {0};
	line = str_trim(line);
	buf_add_utf8(&text, str_slice(line, 0, CLASSIFY_LINE / 3));
	size_t n = 0;
	for (size_t i = 0; i < text.n && n < CLASSIFY_LINE - 1; i++) {
		unsigned char c = (unsigned char)text.p[i];
		out->line[n++] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
	}
	out->line[n] = '\0';
	buf_finish(&text);
}

void classify_log(
	const struct reason_rules *rules, enum stage stage, struct str log, struct classify_answer *out)
{
	*out = (struct classify_answer){.reason = REASON_CODE_UNKNOWN, .offset = -1};
	size_t best = reason_rules_count(rules);
	struct buf scratch = {0};
	struct str rest = log, line;
	while (best != 0 && str_split(&rest, '\n', &line)) {
		struct str plain = plain_line(line, &scratch);
		/* only a rule before the best so far can still win */
		for (size_t i = 0; plain.n != 0 && i < best; i++) {
			const struct reason_rule *rule = reason_rules_at(rules, i);
			if (reason_rule_is_for(rules, i, stage) && reason_rule_matches(rules, i, plain)) {
				best = i;
				out->reason = rule->code;
				out->offset = line.p - log.p;
				keep_evidence(plain, out);
			}
		}
	}
	buf_finish(&scratch);
}

/* What a bad wheel that we built ourselves means; a new problem code shows up as a failing test. */
static const struct {
	enum wheel_problem_code problem;
	enum reason reason;
} problems[] = {
	{WHEEL_PROBLEM_BAD_ZIP, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_UNSAFE_PATH, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_DUPLICATE_ENTRY, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_TOO_LARGE, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_BAD_DIST_INFO, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_BAD_METADATA, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_WHEEL_TAG_MISMATCH, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_RECORD_MISSING, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_RECORD_HASH, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_RECORD_UNLISTED, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_MACHINE_MISMATCH, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_BINARY_IN_PURE, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_NO_BINARY_IN_PLATFORM_WHEEL, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_SUFFIX_MISMATCH, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_NO_INIT_FUNCTION, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_GLIBC_TOO_NEW, REASON_CODE_GLIBC_FLOOR},
	{WHEEL_PROBLEM_LIBRARY_NOT_ALLOWED, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_PAGE_ALIGNMENT, REASON_CODE_PAGE_SIZE},
	{WHEEL_PROBLEM_PYTHON_ABI_MISMATCH, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_ABI3_VIOLATION, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_MISSING_DLL, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_MISSING_EXPORT, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_ARM64EC, REASON_CODE_TAG_LIES},
	{WHEEL_PROBLEM_HYBRID_PE, REASON_NONE},
	{WHEEL_PROBLEM_BAD_RPATH, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_EXEC_STACK, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_TEXT_RELOCATION, REASON_CODE_WRONG_WHEEL},
	{WHEEL_PROBLEM_STRAY_BUILD_FILE, REASON_NONE},
};

enum reason classify_problem(enum wheel_problem_code code)
{
	for (size_t i = 0; i < sizeof(problems) / sizeof(*problems); i++) {
		if (problems[i].problem == code) {
			return problems[i].reason;
		}
	}
	return REASON_CODE_WRONG_WHEEL;
}
