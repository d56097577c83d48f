#include "cli/farm_verdicts.h"

#include "core/base/mem.h"

enum { SOON_MS = 1000 }; /* results that come together are one refresh */

static void begin(struct farm_verdicts *v);

/* A stopped one has told why it ended; what it did not come to is due again. */
static void on_done(void *user)
{
	struct farm_verdicts *v = user;
	const struct dependencies *d = &v->dependencies;
	v->running = false;
	if (d->code != 0 && d->code != ERR_CANCELLED) {
		progress_line(v->progress, "wheelfarm: %s", d->err.text);
	}
	begin(v);
}

static void start(struct farm_verdicts *v)
{
	const struct dependencies_options options = {
		.db = v->in->config.database,
		.writer = v->in->writer,
		.targets = &v->in->recipes.targets,
		.scope = &v->in->recipes.scope,
	};
	v->wanted = false;
	v->running = true;
	dependencies_start(v->loop, &v->dependencies, &options, on_done, v);
}

/* What comes next, when nothing runs. */
static void begin(struct farm_verdicts *v)
{
	if (v->running) {
		return;
	}
	if (v->wanted && v->rested != NULL) {
		start(v);
	} else if (v->wanted && v->open) {
		uv_timer_stop(&v->timer);
		start(v);
	} else if (v->rested != NULL) {
		void (*rested)(void *user) = v->rested;
		v->rested = NULL;
		rested(v->user);
	}
}

static void on_timer(uv_timer_t *timer)
{
	begin(mem_container_of(timer, struct farm_verdicts, timer));
}

void farm_verdicts_init(
	uv_loop_t *loop, struct farm_verdicts *v, struct farm_inputs *in, struct progress *progress)
{
	*v = (struct farm_verdicts){.loop = loop, .in = in, .progress = progress};
	uv_timer_init(loop, &v->timer);
}

void farm_verdicts_open(struct farm_verdicts *v)
{
	v->open = true;
	if (v->wanted) {
		uv_timer_start(&v->timer, on_timer, SOON_MS, 0);
	}
}

void farm_verdicts_want(struct farm_verdicts *v)
{
	v->wanted = true;
	if (v->open && !v->running && !uv_is_active((uv_handle_t *)&v->timer)) {
		uv_timer_start(&v->timer, on_timer, SOON_MS, 0);
	}
}

void farm_verdicts_rest(struct farm_verdicts *v, bool hurry, void (*rested)(void *user), void *user)
{
	v->open = false;
	v->rested = rested;
	v->user = user;
	uv_timer_stop(&v->timer);
	if (hurry) {
		v->wanted = false;
		if (v->running) {
			atomic_store(&v->dependencies.stop, true);
		}
	}
	begin(v);
}

void farm_verdicts_close(struct farm_verdicts *v)
{
	uv_close((uv_handle_t *)&v->timer, NULL);
}
