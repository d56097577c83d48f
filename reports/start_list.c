#include "reports/start_list.h"

#include "core/farm_protocol/reason.h"
#include "reports/words.h"

#include <stdlib.h>

enum { BUILT, EASY, SMALL, UNTRIED, HARD, EASES };

static const char *const words[EASES] = {
	[BUILT] = "this farm has built it",
	[EASY] = "it had wheels before",
	[SMALL] = "a small change",
	[UNTRIED] = "nobody tried it here",
	[HARD] = "more than ten minutes",
};

/* How much work a reason usually is. */
static int ease_of_reason(enum reason r)
{
	switch (r) {
	case REASON_CODE_X86_FLAGS:
	case REASON_CODE_CROSS_MISDETECTED:
	case REASON_CODE_SDIST_INCOMPLETE:
	case REASON_CODE_SILENT_PURE:
	case REASON_CODE_GLIBC_FLOOR:
	case REASON_CODE_PAGE_SIZE:
	case REASON_CODE_PYTHON_CAP:
	case REASON_CODE_REQUIREMENT_MISSING:
	case REASON_CODE_TOOLCHAIN_MISSING:
	case REASON_CODE_NO_TESTS:
	case REASON_CODE_PATCH_REJECTED:
	case REASON_CODE_LIMIT_TIME:
	case REASON_CODE_LIMIT_MEMORY:
		return SMALL;
	default:
		return HARD;
	}
}

/* -1: nothing for a helper to do. */
static int ease_of(const struct package_row *r)
{
	enum reason reason;
	switch (words_headline(r->headline)) {
	case HEADLINE_BUILDS:
		return BUILT;
	case HEADLINE_VANISHED:
	case HEADLINE_DEGRADED:
		return EASY;
	case HEADLINE_READY:
	case HEADLINE_NOT_APPLICABLE:
	case HEADLINE_BLOCKED:
		return -1;
	default:
		break;
	}
	if (r->reason == NULL || !reason_find(str_from(r->reason), &reason)) {
		return UNTRIED;
	}
	enum reason_owner owner = reason_owner_of(reason);
	return owner == REASON_FARM || owner == REASON_DEPENDENCY ? -1 : ease_of_reason(reason);
}

/* Packages that would be free, itself among them, for the work that it usually is, and that of what must be
 * there before. Of what is built already there is only the word to be told. */
static int64_t gain_of(const struct start_item *item)
{
	static const int64_t work[EASES] = {
		[BUILT] = 1, [EASY] = 2, [SMALL] = 4, [UNTRIED] = 8, [HARD] = 16};
	int64_t before = (int64_t)item->row->after_count * work[UNTRIED];
	return (item->row->waits + 1) * work[HARD] * PACKAGE_AFTER / (work[item->ease] + before);
}

static int compare(const void *a, const void *b)
{
	const struct start_item *x = a;
	const struct start_item *y = b;
	int64_t gain = gain_of(x), other = gain_of(y);
	if (gain != other) {
		return gain > other ? -1 : 1;
	}
	if (x->ease != y->ease) {
		return x->ease < y->ease ? -1 : 1;
	}
	return x->row < y->row ? -1 : x->row > y->row;
}

size_t start_list(const struct packages_view *v, struct start_item *out)
{
	size_t n = 0;
	for (size_t i = 0; i < v->row_count; i++) {
		int ease = ease_of(&v->rows[i]);
		if (ease >= 0) {
			out[n++] = (struct start_item){&v->rows[i], ease, words[ease]};
		}
	}
	if (n > 1) {
		qsort(out, n, sizeof(*out), compare);
	}
	return n;
}
