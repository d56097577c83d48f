#include "reports/control.h"

#include "reports/html_parts.h"

#include <string.h>

/* As the query control_fails has it: as far as the build, or not even to its tests. */
static bool is_as_far(const char *stage, const char *of_build)
{
	return str_same(stage, of_build) || (str_same(stage, "import") && str_same(of_build, "test"));
}

enum control_says control_of_job(const struct job_view *v)
{
	const struct build_view *b = &v->build;
	const struct control_view *c = &v->control;
	bool ran = str_same(b->stage, "import") || str_same(b->stage, "test");
	if (!str_same(b->kind, "build") || !str_same(b->state, "fail") ||
		!str_same(b->owner, "package") || !ran) {
		return CONTROL_NO_MATTER;
	}
	if (strcmp(html_family_of_target(b->target), "Windows") == 0) {
		return CONTROL_HAS_NONE;
	}
	if (c->job == 0) {
		return CONTROL_NOT_ASKED;
	}
	if (c->state == NULL) {
		return CONTROL_WAITS;
	}
	if (str_same(c->state, "pass")) {
		return CONTROL_PASSES;
	}
	return str_same(c->owner, "package") && is_as_far(c->stage, b->stage) ? CONTROL_FAILS
																		  : CONTROL_NOTHING;
}

static const struct {
	const char *word;
	const char *text;
} says[] = {
	[CONTROL_HAS_NONE] = {"none",
		"There is no x86-64 control for Windows here: what passes or fails on Linux says nothing "
		"of "
		"it. Whether this is broken on ARM or on every Windows is not known."},
	[CONTROL_NOT_ASKED] = {"not_asked",
		"It was not tried on x86-64: whether this is broken on ARM or everywhere is not known."},
	[CONTROL_WAITS] = {"waits", "Whether it fails on x86-64 too is being tried: "},
	[CONTROL_NOTHING] = {"nothing",
		"The x86-64 control did not come as far, so it says nothing of this: "},
	[CONTROL_PASSES] = {"passes",
		"On x86-64 the same source passes: this is of ARM, or of what runs ARM here: "},
	[CONTROL_FAILS] = {"fails", "On x86-64 the same source fails as well: "},
};

const char *control_word(enum control_says answer)
{
	return says[answer].word;
}

void control_html_job(struct html *h, const struct job_view *v)
{
	enum control_says answer = control_of_job(v);
	if (answer == CONTROL_NO_MATTER) {
		return;
	}
	html_raw_literal(h, "<p class=\"control\">");
	html_cstr(h, says[answer].text);
	if (answer >= CONTROL_WAITS) {
		html_link_job(h, v->control.job);
		html_raw_literal(h, ".");
	}
	html_raw_literal(h, "</p>\n");
}
