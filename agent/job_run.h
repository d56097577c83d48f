/* One job from its workspace to its result: stages one after another, each some steps, each step a
 * child in a sandbox. Used by the daemon's slots and by `--job FILE` alike; knows no coordinator.
 *
 * The callbacks of children, timers and the thread pool only store what happened and call
 * job_run_step, which is one switch over the states in the order of life. */
#pragma once

#include "agent/config.h"
#include "agent/job_log.h"
#include "agent/sandbox.h"
#include "agent/text_list.h"
#include "agent/toolchain.h"
#include "agent/workspace.h"
#include "core/base/vec.h"
#include "core/farm_protocol/result.h"
#include "core/io/process.h"
#include "core/io/sha256.h"

struct job_run;

/* What a run gets from outside; everything outlives the run. */
struct job_run_setup {
	uv_loop_t *loop;
	const struct agent_config *config;
	const struct job *job;
	int64_t slot;
	const char *program; /* this program's own file, for C stages */
	const char *sandbox; /* sandbox_identity */
	bool own_uid; /* each slot has a user of its own (we are root) */
	const struct sandbox_exposed *exposed; /* NULL: nothing was */
	bool write_commands; /* leave commands.sh in the workspace */
	/* Brings a blob of the coordinator to a new file `path`, checks its hash, then calls
	 * job_run_blob_done, later and on the loop. */
	void (*get_blob)(void *user, const char *sha256, const char *path, struct job_run *run);
	void (*on_log)(void *user); /* the log grew; may be NULL */
	void (*on_stage)(void *user, enum stage stage); /* may be NULL */
	void (*on_end)(void *user); /* the result is complete; once, from the loop */
	void *user;
};

enum run_state {
	RUN_OPEN, /* the workspace is being made (pool) */
	RUN_PLAN, /* the next step is to be planned */
	RUN_BLOB, /* a blob is being fetched by our owner */
	RUN_WORK, /* a step of our own on the pool */
	RUN_CHILD, /* a step's child runs */
	RUN_JUDGE, /* the step ended, and is to be judged */
	RUN_HASH, /* the log is being hashed (pool) */
	RUN_END, /* on_end was called */
};

enum step_kind {
	STEP_SKIP, /* nothing to do here, go on */
	STEP_NOT_RUN, /* this stage does not run in this job */
	STEP_CHILD,
	STEP_WORK,
	STEP_BLOB,
};

/* What a step's plan asks for; memory in run->step_arena. */
struct step {
	enum step_kind kind;
	struct sandbox_spec sandbox; /* STEP_CHILD */
	int (*work)(
		struct job_run *run, struct err *e); /* STEP_WORK, on the pool: touches files only */
	const char *blob; /* STEP_BLOB: its hash, and the new file */
	const char *blob_path;
};

enum step_next {
	STEP_ON, /* the next step */
	STEP_AGAIN, /* plan this step again (one module after another) */
	STEP_DONE, /* the stage is passed; its other steps are left out */
};

/* How a step ended; of a child that broke a limit or could not start, nobody is asked. */
struct step_end {
	int code; /* STEP_WORK, STEP_BLOB: 0 or an error */
	const char *text; /* its sentence */
	bool signaled;
	int signal; /* of the child, also when the sandbox passed it on as 128 + N */
	int exit_code; /* if not signaled */
};

struct stage_step {
	/* Fills *out; negative: agent_fault with that sentence, unless job_run_fail was called. */
	int (*plan)(struct job_run *run, struct step *out, struct err *e);
	/* Judges; failures go through job_run_fail. NULL: whatever is not clean fails the stage. */
	enum step_next (*judge)(struct job_run *run, const struct step_end *end);
};

/* A row of the table in stages.c: the steps of a stage. */
struct stage_row {
	enum stage stage;
	const struct stage_step *steps;
	size_t count;
};
extern const struct stage_row *const stage_rows[STAGE_COUNT];

struct run_stage {
	enum stage_status status;
	int64_t began_us;
	double wall_s;
	double cpu_s;
	uint64_t peak_memory;
	uint64_t io_read;
	uint64_t io_write;
	uint64_t log_from;
	uint64_t log_to;
	char limits[128];
};

enum run_stop {
	STOP_NONE,
	STOP_CANCEL, /* by our owner */
	STOP_DISK, /* the job's quota */
	STOP_HOST, /* the host's disk */
};

struct job_run {
	struct job_run_setup setup;
	const struct job *job;
	struct arena arena; /* lives as long as the run */
	struct arena step_arena; /* of the present step */
	struct workspace workspace;
	struct job_log log;
	struct buf commands; /* the same by hand, a shell script */
	struct buf enter; /* the last child's sandbox with a shell in it, likewise */

	enum run_state state;
	size_t row; /* in stage_rows */
	size_t step; /* in its steps */
	struct step now;
	struct step_end end;
	struct err step_err;
	struct process *child;
	uint64_t step_log_from;
	struct buf last_line; /* the last line the step's child said, while it grows too */
	struct buf line_now;
	enum run_stop stop;
	uint64_t child_count;
	double children_s;

	uv_timer_t watch; /* of the disk */
	bool watch_busy; /* a measurement is on the pool */
	uint64_t usage;
	bool ended;

	struct run_stage stages[STAGE_COUNT];
	bool stage_failed; /* the one at hand */
	bool goes_on; /* although it failed: what comes behind it is told beside its failure */
	bool failed; /* the first that failed is what the result names */
	enum stage failed_stage;
	enum reason reason;
	char line[512];

	int64_t started; /* wall ms */
	int64_t finished;
	char log_sha256[SHA256_HEX];

	/* what stages find out for later ones; texts in arena */
	const struct toolchain *toolchain;
	struct toolchain_use use;
	const char *builder_root; /* host path of the image */
	const char *tester_root; /* NULL: nothing here runs the target */
	const char *builder_identity;
	const char *tester_identity;
	const char *pip_cache; /* of the slot, or NULL */
	const char *cargo_cache; /* likewise */
	const char *rust; /* its folder on the host, once a build asked for it; NULL */
	size_t patch; /* the next to fetch, then to apply */
	const char *source_dir; /* inside: "/wheelfarm/src/markupsafe-3.0.4" */
	struct text_list requires; /* of the build, so far */
	struct text_list built_requires; /* those of the first round */
	bool has_environment; /* they are installed, or there were none */
	const char *wheel; /* the file name, of the backend, then of the repaired one */
	struct text_list runtime_requires;
	struct text_list modules;
	size_t module;
	const char *executor; /* "" until an import ran */
	bool executor_limit; /* it could not run the imports: nothing is said of the wheel */
	int64_t tests_passed;
	int64_t tests_failed;
	int64_t tests_skipped;
	VEC(struct result_file) files;
	VEC(struct result_import) imports;
};

/* Starts; on_end follows in any case. The run is the caller's, who destroys it after on_end. */
struct job_run *job_run_start(const struct job_run_setup *setup);
/* Ends what runs; on_end follows soon, with a result nobody should send. */
void job_run_cancel(struct job_run *run);
void job_run_blob_done(struct job_run *run, int code, const struct err *e);
/* After on_end. Removes the workspace (on the pool) unless `keep`, then frees all, then calls done. */
void job_run_destroy(struct job_run *run, bool keep, void (*done)(void *user), void *user);

/* The result, after on_end, without fence. Memory in the run. */
void job_run_result(struct job_run *run, struct result *out);

/* A descriptor of a file of the result, for reading, through no link (workspace_file); or a negative
 * code. */
int job_run_open_file(const struct job_run *run, const struct result_file *file, struct err *e);
/* Fills sha256 and size of every file. Blocking; done before on_end. */
int job_run_hash_files(struct job_run *run, struct err *e);

/* For stages: the stage at hand fails. REASON_NONE: the coordinator reads the log. The first failure
 * of a stage counts, and of the job. */
void job_run_fail(struct job_run *run, enum reason reason, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
enum stage job_run_stage(const struct job_run *run);
/* The last line of the step's output. */
struct str job_run_last_line(const struct job_run *run);
/* The step's own output (at most the last 256 KiB), appended. */
void job_run_step_output(const struct job_run *run, struct buf *out);
