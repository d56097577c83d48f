#include "cli/farm_plan.h"

#include "coordinator/plan/plan_control.h"
#include "coordinator/plan/plan_test.h"
#include "core/base/clock.h"
#include "core/io/loop.h"

#include <stdlib.h>
#include <string.h>

static void on_report(void *user, const char *line)
{
	struct farm_plan *p = user;
	*vec_add(&p->lines) = mem_copy(line, strlen(line));
}

static void work(void *user)
{
	struct farm_plan *p = user;
	const struct plan_options options = {
		.config = &p->in->config,
		.recipes = &p->in->recipes,
		.store = p->in->reader,
		.writer = p->in->writer,
		.blobs = &p->in->blobs,
		.now = clock_wall_ms(),
		.on_report = on_report,
		.user = p,
		.stop = p->stop,
	};
	if (!p->controls_only) {
		p->code = plan_run(&options, &p->counts, &p->err);
	}
	if (p->code == 0 && !p->controls_only) {
		p->code = plan_tests(&options, &p->tests, &p->err);
	}
	if (p->code == 0) {
		p->code = plan_controls(&options, &p->controls, &p->err);
	}
}

static void on_done(void *user)
{
	struct farm_plan *p = user;
	p->done(p->user);
}

void farm_plan_start(uv_loop_t *loop, struct farm_plan *p, struct farm_inputs *in,
	bool controls_only, atomic_bool *stop, void (*done)(void *user), void *user)
{
	*p = (struct farm_plan){
		.in = in,
		.controls_only = controls_only,
		.stop = stop,
		.done = done,
		.user = user,
	};
	loop_work(loop, work, on_done, p);
}

void farm_plan_say(const struct farm_plan *p, struct progress *progress)
{
	const struct plan_counts *c = &p->counts;
	size_t controls = p->controls.added;
	size_t tests = c->tests + p->tests.added;
	VEC_EACH (char *, line, &p->lines) {
		progress_line(progress, "%s", *line);
	}
	if (p->code != 0) {
		return;
	}
	if (controls != 0) {
		progress_line(progress, "planned %zu control%s on x86-64 of what failed", controls,
			controls == 1 ? "" : "s");
	}
	if (!p->controls_only) {
		progress_line(progress, "planned %zu build%s: %zu new, %zu known, %zu not needed",
			c->wanted, c->wanted == 1 ? "" : "s", c->added, c->known, c->skipped + c->no_sdist);
	}
	if (tests != 0) {
		progress_line(progress, "planned %zu test%s of wheels", tests, tests == 1 ? "" : "s");
	}
}

void farm_plan_finish(struct farm_plan *p)
{
	VEC_EACH (char *, line, &p->lines) {
		free(*line);
	}
	vec_finish(&p->lines);
}
