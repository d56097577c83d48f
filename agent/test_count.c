#include "agent/test_count.h"

enum kind { PASSED, FAILED, SKIPPED, KINDS };
enum { MOST = 1000000000 };

static const struct {
	const char *word;
	enum kind kind;
} pytest_words[] = {
	{"passed", PASSED},
	{"xfailed", PASSED},
	{"xpassed", PASSED},
	{"failed", FAILED},
	{"error", FAILED},
	{"errors", FAILED},
	{"skipped", SKIPPED},
};
static const struct {
	const char *word;
	enum kind kind;
} unittest_words[] = {
	{"failures", FAILED},
	{"errors", FAILED},
	{"unexpected successes", FAILED},
	{"skipped", SKIPPED},
};

static bool number_of(struct str text, int64_t *out)
{
	return text.n != 0 && text.n < 11 && str_to_i64(text, out) && *out >= 0 && *out <= MOST;
}

/* "68 passed" */
static bool add_pytest(struct str part, int64_t counts[static KINDS])
{
	int64_t n;
	part = str_trim(part);
	ptrdiff_t blank = str_find(part, ' ');
	if (blank <= 0 || !number_of(str_slice(part, 0, (size_t)blank), &n)) {
		return false;
	}
	struct str word = str_slice(part, (size_t)blank + 1, part.n);
	for (size_t i = 0; i < sizeof(pytest_words) / sizeof(*pytest_words); i++) {
		if (str_is(word, pytest_words[i].word)) {
			counts[pytest_words[i].kind] += n;
			return true;
		}
	}
	/* what else it counts there are no tests */
	return str_starts(word, "warning") || str_is(word, "deselected") || str_starts(word, "subtest");
}

/* "==== 1 failed, 68 passed, 2 skipped in 0.31s ====", and the same without the rule (-q). */
static bool read_pytest(struct str line, struct test_count *out)
{
	static const char end[] = " in ";
	while (line.n != 0 && line.p[0] == '=') {
		line = str_slice(line, 1, line.n);
	}
	ptrdiff_t at = str_find_text(line, STR(" in "));
	if (at <= 0) {
		return false;
	}
	struct str time = str_slice(line, (size_t)at + sizeof(end) - 1, line.n);
	if (time.n == 0 || time.p[0] < '0' || time.p[0] > '9') {
		return false;
	}
	int64_t counts[KINDS] = {0};
	struct str rest = str_slice(line, 0, (size_t)at), part;
	while (str_split(&rest, ',', &part)) {
		if (!add_pytest(part, counts)) {
			return false;
		}
	}
	out->passed = counts[PASSED];
	out->failed = counts[FAILED];
	out->skipped = counts[SKIPPED];
	return true;
}

/* "Ran 12 tests in 0.1s"; what of them did not pass comes on a later line. */
static bool read_ran(struct str line, struct test_count *out)
{
	int64_t n;
	if (!str_starts(line, "Ran ")) {
		return false;
	}
	struct str rest = str_slice(line, sizeof("Ran ") - 1, line.n);
	ptrdiff_t blank = str_find(rest, ' ');
	if (blank <= 0 || !number_of(str_slice(rest, 0, (size_t)blank), &n) ||
		!str_starts(str_slice(rest, (size_t)blank, rest.n), " test")) {
		return false;
	}
	*out = (struct test_count){.passed = n, .first = out->first};
	return true;
}

/* "FAILED (failures=1, errors=2, skipped=1)", "OK (skipped=1)" */
static void read_outcome(struct str line, struct test_count *out)
{
	ptrdiff_t open = str_find(line, '(');
	if (open <= 0 || !str_ends(line, ")") ||
		!(str_starts(line, "FAILED (") || str_starts(line, "OK ("))) {
		return;
	}
	struct str rest = str_slice(line, (size_t)open + 1, line.n - 1), part;
	while (str_split(&rest, ',', &part)) {
		int64_t n;
		part = str_trim(part);
		ptrdiff_t equal = str_find(part, '=');
		if (equal <= 0 || !number_of(str_slice(part, (size_t)equal + 1, part.n), &n)) {
			continue;
		}
		struct str word = str_slice(part, 0, (size_t)equal);
		for (size_t i = 0; i < sizeof(unittest_words) / sizeof(*unittest_words); i++) {
			if (str_is(word, unittest_words[i].word) && n <= out->passed) {
				*(unittest_words[i].kind == FAILED ? &out->failed : &out->skipped) += n;
				out->passed -= n;
			}
		}
	}
}

/* pytest's summary says "FAILED path::test - why", unittest's report "FAIL: test (…)". */
static bool names_failure(struct str line)
{
	static const char *const heads[] = {"FAILED ", "ERROR ", "FAIL: ", "ERROR: "};
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		if (str_starts(line, heads[i]) && !str_starts(line, "FAILED (")) {
			return true;
		}
	}
	return false;
}

void test_count_read(struct str output, struct test_count *out)
{
	struct str rest = output, line;
	*out = (struct test_count){0};
	while (str_split(&rest, '\n', &line)) {
		line = str_trim(line);
		if (out->first.n == 0 && names_failure(line)) {
			out->first = line;
		}
		if (!read_pytest(line, out) && !read_ran(line, out)) {
			read_outcome(line, out);
		}
	}
}
