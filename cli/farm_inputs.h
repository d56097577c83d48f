/* What a farm stands on: its configuration, recipes, rules and index, and its state on disk. All that
 * can be wrong before there is anything to stop. */
#pragma once

#include "cli/farm_canary.h"
#include "coordinator/classify/classify.h"
#include "coordinator/config.h"
#include "coordinator/plan/plan.h"
#include "coordinator/scan/scan.h"
#include "coordinator/store/lock.h"
#include "coordinator/store/writer.h"

struct farm_inputs {
	struct config config;
	struct plan_recipes recipes;
	struct reason_rules *rules;
	uv_mutex_t rules_mutex; /* the rules have one scratch area */
	uv_mutex_t recipes_mutex; /* newer ones take their place */
	struct scan_index index;
	struct store_lock *lock;
	struct store *reader;
	struct store_writer *writer; /* whoever opened ends it (store_writer_stop) before finish */
	struct blob_store blobs;
	char *live_folder;
	struct farm_canaries canaries;
};

/* Reads `config_file` and what it names, locks and opens the database. On an error what was opened is
 * still there for farm_inputs_finish, the writer included. */
int farm_inputs_open(
	struct farm_inputs *in, const char *config_file, uv_loop_t *loop, struct err *e);
void farm_inputs_finish(struct farm_inputs *in);

/* classify_log with the rules; from any thread. */
void farm_inputs_classify(
	struct farm_inputs *in, enum stage stage, struct str log, struct classify_answer *out);

/* In the transaction of a result, of one package on one target: builds that failed are seen beside their
 * controls, and those nobody ran beside their tests. */
int farm_inputs_join(
	struct farm_inputs *in, struct store *s, int64_t package, int64_t target, struct err *e);

/* plan_test_after with the configuration and the recipes; on the writer's thread. */
int farm_inputs_test(
	struct farm_inputs *in, struct store *s, int64_t job, int64_t now, int64_t *out, struct err *e);
