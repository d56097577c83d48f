#include "cli/farm_canary.h"

#include "coordinator/plan/canary.h"
#include "core/io/json.h"

#include <stdlib.h>

static const char *keep(struct arena *arena, struct buf *text)
{
	const char *kept = arena_copy(arena, text->n != 0 ? text->p : "", text->n);
	buf_finish(text);
	return kept;
}

static void fill(struct farm_canaries *out, struct plan_job *from, struct queue_canary *to)
{
	struct buf spec = {0};
	struct buf needs = {0};
	struct json_writer w;
	from->job.id = QUEUE_CANARY_JOB;
	json_writer_init(&w, &spec, false);
	job_write(&w, &from->job);
	json_writer_finish(&w);
	store_needs_write(&needs, &from->needs);
	*to = (struct queue_canary){
		.target = from->job.target.name,
		.key = from->key,
		.needs = from->needs,
		.needs_text = keep(&out->arena, &needs),
		.spec = keep(&out->arena, &spec),
	};
	out->sdist = from->job.source.sha256;
}

int farm_canaries_make(const struct config *config, const struct plan_recipes *recipes,
	struct blob_store *blobs, struct farm_canaries *out, struct err *e)
{
	struct plan_job *jobs = NULL;
	size_t count = 0;
	*out = (struct farm_canaries){0};
	int code = plan_canaries(config, recipes, blobs, &out->arena, &jobs, &count, e);
	if (code != 0) {
		return code;
	}
	out->v = arena_new(&out->arena, (count + 1) * sizeof(*out->v));
	out->n = count;
	for (size_t i = 0; i < count; i++) {
		fill(out, &jobs[i], &out->v[i]);
	}
	return 0;
}

void farm_canaries_finish(struct farm_canaries *c)
{
	arena_finish(&c->arena);
	*c = (struct farm_canaries){0};
}
