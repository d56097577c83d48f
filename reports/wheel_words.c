#include "reports/wheel_words.h"

#include "coordinator/inspect/wheel_facts.h"

#include <inttypes.h>
#include <string.h>

bool wheel_words_small_pages(const struct wheel_view *w)
{
	return w->page_size != 0 && w->page_size < WHEEL_FACTS_PAGE;
}

static void add_part(struct buf *out, size_t from)
{
	buf_add_text(out, out->n != from ? "; " : "");
}

void wheel_words_inside(struct buf *out, const struct wheel_view *w, size_t bundled_most)
{
	size_t from = out->n;
	if (w->machine == NULL) {
		buf_add_text(out, "no binary");
		return;
	}
	if (w->glibc != NULL) {
		buf_printf(out, "glibc %s or newer", w->glibc);
	}
	if (wheel_words_small_pages(w)) {
		add_part(out, from);
		buf_printf(out, "kernels with pages over %" PRId64 " KiB refuse it", w->page_size >> 10);
	} else if (w->page_size != 0) {
		add_part(out, from);
		buf_add_text(out, "kernels with 64 KiB pages are fine");
	}
	for (size_t i = 0; i < w->bundled_count && i < bundled_most; i++) {
		if (i == 0) {
			add_part(out, from);
		}
		buf_printf(out, "%s%s", i == 0 ? "brings " : ", ", w->bundled[i]);
	}
	if (w->bundled_count > bundled_most) {
		buf_printf(out, " and %zu more", w->bundled_count - bundled_most);
	}
	if (out->n == from) {
		buf_printf(out, "binaries for %s", w->machine);
	}
	if (strcmp(w->depth, "headers") == 0) {
		buf_add_text(out, " (only its headers were read)");
	}
}

const char *wheel_words_advice(const char *code)
{
	enum wheel_problem_code found;
	return wheel_problem_find(str_from(code), &found) ? wheel_problem_advice(found) : NULL;
}
