/* What the x86-64 control of a build that failed where its wheel runs says of it: broken on ARM, or broken? */
#pragma once

#include "coordinator/store/view.h"
#include "reports/html.h"

enum control_says {
	CONTROL_NO_MATTER, /* the build did not fail there, or not by the package */
	CONTROL_HAS_NONE, /* Windows: what passes or fails on Linux says nothing of it */
	CONTROL_NOT_ASKED, /* the farm has no control configured, or plans it with the next night */
	CONTROL_WAITS,
	CONTROL_NOTHING, /* it did not come as far as the build did */
	CONTROL_PASSES,
	CONTROL_FAILS,
};

enum control_says control_of_job(const struct job_view *v);
/* "none", "not_asked", "waits", "nothing", "passes", "fails"; NULL: no matter. */
const char *control_word(enum control_says says);
/* A paragraph; nothing if it is no matter. */
void control_html_job(struct html *h, const struct job_view *v);
