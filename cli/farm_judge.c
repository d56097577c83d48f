#include "cli/farm_judge.h"

#include "cli/farm_recipes.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/io/loop.h"

#include <stdlib.h>

static void classify(void *user, enum stage stage, struct str log, struct classify_answer *out)
{
	struct farm_judge *j = user;
	farm_inputs_classify(j->in, stage, log, out);
}

static void work(void *user)
{
	struct farm_judge *j = user;
	j->code = farm_recipes_update(j->in, &j->said, &j->err);
	if (j->code != 0) {
		return;
	}
	const struct rejudge_options options = {
		.store = j->in->reader,
		.writer = j->in->writer,
		.blobs = &j->in->blobs,
		.rules = reason_rules_object(j->in->rules),
		.now = clock_wall_ms(),
		.classify = classify,
		.on_changed = j->on_changed,
		.user = j,
		.stop = j->stop,
	};
	j->code = rejudge_run(&options, &j->counts, &j->err);
}

static void on_done(void *user)
{
	struct farm_judge *j = user;
	if (j->said != NULL) {
		log_info("recipes", "%s", j->said);
	}
	free(j->said);
	if (j->counts.changed != 0) {
		log_info("judge", "%zu logs judged again by the present rules: %zu reasons changed",
			j->counts.judged, j->counts.changed);
	}
	j->done(j->user, j->code, &j->err);
}

void farm_judge_start(uv_loop_t *loop, struct farm_judge *j, struct farm_inputs *in,
	const atomic_bool *stop, farm_judge_changed_fn on_changed,
	void (*done)(void *user, int code, const struct err *e), void *user)
{
	*j = (struct farm_judge){
		.in = in, .stop = stop, .on_changed = on_changed, .done = done, .user = user};
	loop_work(loop, work, on_done, j);
}
