#include "coordinator/verify/rejudge.h"

#include "coordinator/store/judged.h"
#include "coordinator/store/log.h"

#include <stdlib.h>
#include <string.h>

struct judging {
	const struct rejudge_options *options;
	struct rejudge_counts *counts;
	struct store_unjudged now; /* the one at hand */
	struct classify_answer answer;
	bool readable;
};

static void judge(struct judging *j)
{
	const struct rejudge_options *o = j->options;
	const struct store_unjudged *u = &j->now;
	const struct log_location where = {.sha256 = u->log_sha256, .blob = u->log_blob};
	struct buf text = {0};
	enum stage stage;
	j->answer = (struct classify_answer){.reason = REASON_CODE_UNKNOWN};
	j->readable = stage_find(str_from(u->stage), &stage) &&
		store_log_read(o->blobs, &where, u->log_from, u->log_to, &text, NULL) == 0;
	if (j->readable) {
		o->classify(o->user, stage, buf_view(&text), &j->answer);
	}
	buf_finish(&text);
}

static int write_judged(struct store *s, void *user, struct err *e)
{
	struct judging *j = user;
	const struct rejudge_options *o = j->options;
	const struct store_unjudged *u = &j->now;
	bool changed = j->readable && strcmp(reason_code(j->answer.reason), u->reason) != 0;
	int code = store_judged_put(
		s, u->result, j->readable ? &j->answer.reason : NULL, j->answer.line, o->rules, e);
	if (code == 0 && changed) {
		code = o->on_changed(o->user, s, u->package, u->target, o->now, e);
	}
	if (code == 0) {
		j->counts->judged += j->readable ? 1 : 0;
		j->counts->gone += j->readable ? 0 : 1;
		j->counts->changed += changed ? 1 : 0;
	}
	return code;
}

int rejudge_run(const struct rejudge_options *options, struct rejudge_counts *out, struct err *e)
{
	struct judging *j = MEM_NEW(struct judging);
	int64_t after = 0;
	int code = 0;
	*out = (struct rejudge_counts){0};
	j->options = options;
	j->counts = out;
	while (code == 0 && (options->stop == NULL || !atomic_load(options->stop))) {
		struct arena arena = {0};
		code = store_unjudged_next(options->store, options->rules, after, &arena, &j->now, e);
		if (code == 0) {
			after = j->now.result;
			judge(j);
			code = store_write_wait(options->writer, write_judged, j, e);
		}
		arena_finish(&arena);
	}
	free(j);
	return code == ERR_NOT_FOUND ? 0 : code;
}
