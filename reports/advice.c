#include "reports/advice.h"

#include "reports/words.h"

#include <string.h>

const struct advice *advice_find(const char *code_or_null)
{
	for (size_t i = 0; code_or_null != NULL && i < advice_count; i++) {
		if (strcmp(advice_rows[i].code, code_or_null) == 0) {
			return &advice_rows[i];
		}
	}
	return NULL;
}

const struct advice *advice_of(const struct target_view *t)
{
	enum headline v = words_headline(t->headline);
	if (v == HEADLINE_READY || v == HEADLINE_NOT_APPLICABLE) {
		return NULL;
	}
	const char *state = t->has_build ? t->build.state : NULL;
	bool failed = state != NULL && strcmp(state, "fail") == 0;
	/* What is published and wrong comes before what this farm could not build. */
	const struct advice *a =
		failed && v != HEADLINE_BROKEN && v != HEADLINE_DEGRADED && v != HEADLINE_BLOCKED
		? advice_find(t->build.reason)
		: NULL;
	return a != NULL ? a : advice_find(headline_word(v));
}

/* "OWNER/REPO#NUMBER" is an address of the forge that numbers issues and changes alike. */
static void add_thread(struct html *h, const char *thread)
{
	struct str text = str_from(thread);
	size_t hash = (size_t)str_find(text, '#');
	struct buf address = {0};
	buf_add_text(&address, "https://github.com/");
	buf_add_str(&address, str_slice(text, 0, hash));
	buf_add_text(&address, "/issues/");
	buf_add_str(&address, str_slice(text, hash + 1, text.n));
	html_raw_literal(h, "<a rel=\"external noreferrer\"");
	html_attr_str(h, "href", buf_view(&address));
	html_raw_literal(h, ">");
	html_text(h, text);
	html_raw_literal(h, "</a>");
	buf_finish(&address);
}

void advice_html(struct html *h, const struct advice *a)
{
	html_raw_literal(h, "<p>");
	html_cstr(h, a->what);
	html_raw_literal(h, "</p>");
	for (size_t i = 0; a->threads[i] != NULL; i++) {
		if (i == 0) {
			html_raw_literal(h, "<p class=\"threads\">Others met the same: ");
		} else {
			html_raw_literal(h, ", ");
		}
		add_thread(h, a->threads[i]);
	}
	if (a->threads[0] != NULL) {
		html_raw_literal(h, "</p>");
	}
}

void advice_draft(struct html *h, const struct advice *a, const char *package)
{
	html_raw_literal(h, "<pre class=\"command\">schema: 1\nname: ");
	html_cstr(h, package);
	html_raw_literal(h, "\nrevision: 1\n");
	html_cstr(h, a->recipe);
	html_raw_literal(h, "</pre>");
}
