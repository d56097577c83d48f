/* The life of a scan that is told to end: `on_end` comes once, after all that was under way. */
#include "coordinator/scan/scan.h"
#include "coordinator/store/writer.h"
#include "core/io/file.h"
#include "core/io/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char folder[64];
	uv_loop_t loop;
	struct store *reader;
	struct store_writer *writer;
	struct target_set targets;
	struct scope scope;
	struct scan *scan;
	int ends;
	bool slow_write_ended;
	bool ended_too_early;
};

static int slow(struct store *s, void *user, struct err *e)
{
	usleep(200 * 1000);
	return 0;
}

static void on_slow(void *user, int code, const struct err *e)
{
	struct place *p = user;
	p->slow_write_ended = true;
}

static void on_end(void *user, const struct scan_counts *counts)
{
	struct place *p = user;
	p->ends++;
	p->ended_too_early = !p->slow_write_ended;
	assert_int_equal(counts->asked, 1);
	assert_int_equal(scan_done(counts), 0);
}

static void open_place(struct place *p)
{
	struct err e = {0};
	struct store *store = NULL;
	snprintf(p->folder, sizeof(p->folder), "/tmp/wheelfarm-scan-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	char *database = file_join(p->folder, "facts.db");
	uv_loop_init(&p->loop);
	assert_int_equal(store_open(database, STORE_WRITE, &store, &e), 0);
	assert_int_equal(store_writer_start(&p->loop, store, &p->writer, &e), 0);
	assert_int_equal(store_open(database, STORE_READ, &p->reader, &e), 0);
	assert_int_equal(target_set_load(RECIPES, &p->targets, &e), 0);
	assert_int_equal(scope_load(RECIPES, &p->scope, &e), 0);
	free(database);
}

static void close_place(struct place *p)
{
	store_writer_stop(p->writer, NULL, NULL);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&p->loop), 0);
	store_close(p->reader);
	target_set_finish(&p->targets);
	scope_finish(&p->scope);
	file_remove_tree(p->folder, NULL);
}

static void cancelled_before_its_targets_are_stored(void **state)
{
	struct place p = {0};
	open_place(&p);
	struct package_item item = {.name = "nobody"};
	struct scan_index index = {.folder = p.folder};
	const struct scan_options options = {
		.loop = &p.loop,
		.index = &index,
		.store = p.reader,
		.writer = p.writer,
		.targets = &p.targets,
		.scope = &p.scope,
		.packages = &item,
		.package_count = 1,
		.on_end = on_end,
		.user = &p,
	};
	assert_int_equal(store_write(p.writer, slow, on_slow, &p), 0);
	p.scan = scan_start(&options);
	scan_cancel(p.scan);
	uv_run(&p.loop, UV_RUN_DEFAULT);
	assert_int_equal(p.ends, 1);
	assert_false(p.ended_too_early);
	close_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cancelled_before_its_targets_are_stored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
