#include "cli/farm_inputs.h"

#include "coordinator/plan/plan_test.h"
#include "coordinator/store/control.h"
#include "coordinator/store/log.h"
#include "coordinator/store/tested.h"
#include "core/io/file.h"

#include <stdlib.h>

static int read_files(struct farm_inputs *in, const char *config_file, struct err *e)
{
	int code = config_load(config_file, &in->config, e);
	if (code < 0 || (code = plan_recipes_load(in->config.recipes, &in->recipes, e)) < 0) {
		return code;
	}
	in->rules = reason_rules_load(in->config.recipes, e);
	if (in->rules == NULL) {
		return e->code;
	}
	return scan_index_find(in->config.index, &in->index, e);
}

static int open_database(struct farm_inputs *in, uv_loop_t *loop, struct err *e)
{
	struct store *store = NULL;
	char *blob_folder = file_join(in->config.state, "store");
	int code = file_make_folders(in->config.state, e);
	if (code < 0 || (code = store_lock(in->config.database, &in->lock, e)) < 0 ||
		(code = store_open(in->config.database, STORE_WRITE, &store, e)) < 0 ||
		(code = store_writer_start(loop, store, &in->writer, e)) < 0 ||
		(code = store_open(in->config.database, STORE_READ, &in->reader, e)) < 0 ||
		(code = blob_store_open(&in->blobs, blob_folder, e)) < 0) {
		goto out;
	}
	store_set_default_python(in->reader, in->config.python);
	in->live_folder = store_log_live_folder(in->config.database);
out:
	free(blob_folder);
	return code;
}

int farm_inputs_open(
	struct farm_inputs *in, const char *config_file, uv_loop_t *loop, struct err *e)
{
	*in = (struct farm_inputs){0};
	if (uv_mutex_init(&in->rules_mutex) != 0 || uv_mutex_init(&in->recipes_mutex) != 0) {
		mem_bug("no mutex");
	}
	int code = read_files(in, config_file, e);
	if (code == 0) {
		code = open_database(in, loop, e);
	}
	return code == 0 ? farm_canaries_make(&in->config, &in->recipes, &in->blobs, &in->canaries, e)
					 : code;
}

void farm_inputs_finish(struct farm_inputs *in)
{
	store_close(in->reader);
	store_unlock(in->lock);
	blob_store_finish(&in->blobs);
	free(in->live_folder);
	farm_canaries_finish(&in->canaries);
	reason_rules_destroy(in->rules);
	scan_index_finish(&in->index);
	plan_recipes_finish(&in->recipes);
	config_finish(&in->config);
	uv_mutex_destroy(&in->recipes_mutex);
	uv_mutex_destroy(&in->rules_mutex);
}

void farm_inputs_classify(
	struct farm_inputs *in, enum stage stage, struct str log, struct classify_answer *out)
{
	uv_mutex_lock(&in->rules_mutex);
	classify_log(in->rules, stage, log, out);
	uv_mutex_unlock(&in->rules_mutex);
}

/* May wheels be tested by other jobs than those that build them? */
static bool tests_apart(const struct farm_inputs *in)
{
	return in->config.test_built || in->config.testers.n != 0;
}

int farm_inputs_join(
	struct farm_inputs *in, struct store *s, int64_t package, int64_t target, struct err *e)
{
	int code = in->config.control != NULL ? store_control_apply(s, package, target, e) : 0;
	return code == 0 && tests_apart(in) ? store_tested_apply(s, package, target, e) : code;
}

int farm_inputs_test(
	struct farm_inputs *in, struct store *s, int64_t job, int64_t now, int64_t *out, struct err *e)
{
	*out = 0;
	if (!tests_apart(in)) {
		return 0;
	}
	uv_mutex_lock(&in->recipes_mutex);
	int code = plan_test_after(&in->config, &in->recipes, s, job, now, out, e);
	uv_mutex_unlock(&in->recipes_mutex);
	return code;
}
