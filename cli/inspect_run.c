#include "cli/inspect_run.h"

#include "cli/main.h"
#include "coordinator/inspect/remote_wheel.h"
#include "core/io/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	OPEN = 64, /* wheels that are begun and not told yet: one slow server holds up so many */
	THREADS_MAX = 32,
};

struct run;
struct item {
	struct run *run;
	struct inspected told;
	bool begun;
	bool judged;
};

struct run {
	struct inspect_run_options options;
	struct wheel_expectation expect;
	uv_loop_t loop;
	struct fetch *fetch; /* once there is a URL */
	struct item items[OPEN]; /* of word i: i % OPEN */
	size_t begun, judged, told;
};

static void pump(struct run *r);

static void tell(struct run *r)
{
	while (r->told < r->begun && r->items[r->told % OPEN].judged) {
		struct item *item = &r->items[r->told % OPEN];
		r->options.on_judged(r->options.user, &item->told);
		wheel_report_finish(&item->told.report);
		*item = (struct item){0};
		r->told++;
	}
}

static void settle(struct item *item, int code)
{
	struct run *r = item->run;
	item->told.exit_code = code;
	item->judged = true;
	r->judged++;
	r->options.on_progress(r->options.user, r->judged);
	tell(r);
	pump(r);
}

static void check(void *user)
{
	struct item *item = user;
	struct err *e = &item->told.err;
	int code = wheel_check_file(item->told.word, &item->run->expect, &item->told.report, e);
	item->told.exit_code = code == 0 ? EXIT_FINE : code == -EIO ? EXIT_WORLD : EXIT_USAGE;
}

static void on_checked(void *user)
{
	struct item *item = user;
	settle(item, item->told.exit_code);
}

static void on_remote(void *user, int code, struct remote_wheel_result *result, const struct err *e)
{
	struct item *item = user;
	item->told.is_remote = true;
	item->told.whole = result->whole;
	item->told.requests = result->requests;
	item->told.received = result->received;
	item->told.report = result->report;
	result->report = (struct wheel_report){0};
	if (code == 0) {
		settle(item, EXIT_FINE);
		return;
	}
	bool is_use = code == ERR_INVALID || code == ERR_NOT_FOUND || code == ERR_DENIED;
	item->told.err = *e;
	settle(item, is_use ? EXIT_USAGE : EXIT_WORLD);
}

static void begin(struct run *r, struct item *item, const char *word)
{
	*item = (struct item){.run = r, .begun = true, .told = {.word = word}};
	if (!remote_wheel_is_url(word)) {
		loop_work(&r->loop, check, on_checked, item);
		return;
	}
	if (r->fetch == NULL) {
		r->fetch = fetch_create(&r->loop, &(struct fetch_options){0});
	}
	const struct remote_wheel_options options = {
		.loop = &r->loop,
		.fetch = r->fetch,
		.url = word,
		.expect = r->expect,
		.depth = r->options.depth,
		.on_end = on_remote,
		.user = item,
	};
	remote_wheel_start(&options);
}

static void pump(struct run *r)
{
	while (r->begun < r->options.n && r->begun - r->told < OPEN) {
		size_t i = r->begun++;
		begin(r, &r->items[i % OPEN], r->options.words[i]);
	}
	if (r->told == r->options.n && r->fetch != NULL) {
		fetch_destroy(r->fetch);
		r->fetch = NULL;
	}
}

/* libuv makes four threads whatever the machine has. */
static void size_pool(void)
{
	unsigned cores = uv_available_parallelism();
	char text[16];
	snprintf(text, sizeof(text), "%u", cores < THREADS_MAX ? cores : THREADS_MAX);
	setenv("UV_THREADPOOL_SIZE", text, 0);
}

void inspect_run(const struct inspect_run_options *options)
{
	struct run *r = MEM_NEW(struct run);
	r->options = *options;
	r->expect =
		(struct wheel_expectation){.target = str_from(options->target), .depth = options->depth};
	size_pool();
	uv_loop_init(&r->loop);
	pump(r);
	uv_run(&r->loop, UV_RUN_DEFAULT);
	uv_loop_close(&r->loop);
	free(r);
}
