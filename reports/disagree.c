#include "reports/disagree.h"

#include "reports/html_parts.h"

#include <string.h>

enum disagree disagree_of(bool looked, const char *wrong, const struct build_view *run)
{
	enum stage_status import = run->stages[STAGE_IMPORT].status;
	if (!looked || run->state == NULL) {
		return DISAGREE_NOT;
	}
	if (wrong != NULL) {
		return import == STAGE_STATUS_PASS ? DISAGREE_BYTES : DISAGREE_NOT;
	}
	bool farm = run->owner != NULL && strcmp(run->owner, "farm") == 0;
	return import == STAGE_STATUS_FAIL && !farm ? DISAGREE_RUN : DISAGREE_NOT;
}

/* Of a job that only tests a wheel its own stage says what the bytes are: nothing but that reads them. */
static bool has_looked(const struct build_view *run)
{
	return run->stages[STAGE_INSPECT].status != STAGE_STATUS_NOT_RUN;
}

static const char *wrong_of_run(const struct build_view *run)
{
	bool failed = run->stages[STAGE_INSPECT].status == STAGE_STATUS_FAIL;
	return !failed ? NULL : run->reason != NULL ? run->reason : "unknown";
}

static const char *wrong_of_job(const struct job_view *v)
{
	return v->inspect != NULL ? v->wrong : wrong_of_run(&v->build);
}

enum disagree disagree_of_job(const struct job_view *v)
{
	return disagree_of(v->inspect != NULL || has_looked(&v->build), wrong_of_job(v), &v->build);
}

static const char *wrong_of(const struct wheel_view *w)
{
	for (size_t i = 0; i < w->problem_count; i++) {
		if (strcmp(w->problems[i].severity, "error") == 0) {
			return w->problems[i].code;
		}
	}
	return NULL;
}

static const char *wrong_of_target(const struct target_view *t)
{
	return t->wheel != NULL ? wrong_of(t->wheel) : wrong_of_run(t->tested);
}

enum disagree disagree_of_target(const struct target_view *t)
{
	const struct build_view *run = t->tested;
	return run != NULL ? disagree_of(t->wheel != NULL || has_looked(run), wrong_of_target(t), run)
					   : DISAGREE_NOT;
}

const char *disagree_word(enum disagree d)
{
	return d == DISAGREE_BYTES ? "bytes" : d == DISAGREE_RUN ? "run" : NULL;
}

/* Wine has functions and libraries that Windows has not got, and lacks others. */
static void add_notice(
	struct html *h, enum disagree d, const char *wrong, const struct build_view *run)
{
	const char *executor = run->executor != NULL ? run->executor : "";
	bool wine = strcmp(executor, "wine") == 0;
	if (d == DISAGREE_NOT) {
		return;
	}
	html_raw_literal(h, "<p class=\"notice disagree\"><b>Bytes and run disagree.</b> ");
	if (d == DISAGREE_BYTES) {
		html_raw_literal(h, "The bytes say that it cannot work there (<code>");
		html_cstr(h, wrong);
		html_raw_literal(h, "</code>), and its import passed");
	} else {
		html_raw_literal(h, "The bytes show no error, and its import failed");
	}
	if (executor[0] != '\0') {
		html_raw_literal(h, " (");
		html_cstr(h, executor);
		html_raw_literal(h, ")");
	}
	html_raw_literal(h, ", ");
	html_link_job(h, run->job);
	html_raw_literal(h, ". ");
	if (d == DISAGREE_BYTES) {
		html_cstr(h,
			wine ? "Wine has functions and libraries that Windows has not got: the bytes count."
				 : "The bytes count until somebody has looked at both.");
	} else {
		html_cstr(h,
			wine ? "Wine lacks things that Windows has: its word alone makes no package broken."
				 : "Only a run shows such a fault: the log has the line.");
	}
	html_raw_literal(h, "</p>\n");
}

void disagree_html_job(struct html *h, const struct job_view *v)
{
	add_notice(h, disagree_of_job(v), wrong_of_job(v), &v->build);
}

void disagree_html_target(struct html *h, const struct target_view *t)
{
	if (t->tested != NULL) {
		add_notice(h, disagree_of_target(t), wrong_of_target(t), t->tested);
	}
}
