/* What pages and reports read: plain structs filled by one read transaction each, for worker threads
 * with a read-only connection. All memory of a view is in its arena. The shape follows product.md
 * (`show --json`) and web.md. */
#pragma once

#include "coordinator/store/change.h"
#include "coordinator/store/trend.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/farm_protocol/stage.h"

struct store; /* one connection, see store.h */

struct blocker_view {
	const char *name;
	const char *version;
	const char *headline;
	const char *reason; /* why it blocks: a word of coordinator/solve/question.h, or conflict */
	const char *path; /* how it comes in */
	int64_t waits; /* packages that wait for it on that target */
};

struct stage_view {
	enum stage stage;
	enum stage_status status;
	double wall_s;
	double cpu_s;
	int64_t peak_memory;
	int64_t log_from;
	int64_t log_to;
	int64_t io_read; /* bytes from storage, of the processes that could be asked */
	int64_t io_write;
	const char
		*limits; /* those that were in force, words with spaces between; "" or NULL: not known */
};

/* One build of a package for a target: the job, and its last result if it has one. */
struct build_view {
	int64_t job;
	const char *kind; /* of the job: build, test_published, … */
	const char *package;
	const char *version;
	const char *target;
	const char *mode;
	const char *job_state; /* queued, leased, done, superseded */
	const char *state; /* pass, fail, NULL: no final result yet */
	const char *stage; /* the failed one; of a leased job where it is */
	const char *reason;
	const char *owner;
	const char *line;
	const char *executor; /* of the import */
	bool proven;
	int64_t date; /* result accepted, or job created; wall ms */
	double seconds; /* start to finish */
	int64_t attempts;
	int64_t after; /* the job it comes after: of a test the build, of a control too; 0: none */
	const char *source_sha256; /* of a test that of its wheel */
	const char *toolchain; /* what it was built with, "msvc, …"; NULL: no result says */
	const char *wheel; /* file name, NULL if none was made */
	const char *wheel_sha256;
	int64_t wheel_size;
	struct stage_view stages[STAGE_COUNT]; /* all not_run where there is no result */
	const char **imports; /* modules that imported */
	size_t import_count;
	int64_t tests_passed;
	int64_t tests_failed;
	int64_t tests_skipped;
};

struct published_view {
	const char
		*state; /* wheel, pure, sdist, none, python_excluded, not_applicable; NULL: never scanned */
	const char *version;
	const char *file;
	const char *first_version;
	int64_t first_date;
	bool lost_accelerator;
	bool emulated_alternative;
	const char *vanished;
	const char *newest_version; /* newest final release that supports the target, NULL: never */
	int64_t newest_date;
	int64_t behind; /* final releases newer than that, -1: never supported */
};

/* What inspection of a published wheel found. */
struct wheel_view {
	const char *file;
	const char *sha256;
	const char *depth; /* headers, full */
	int64_t inspected; /* wall ms */
	int64_t size; /* bytes */
	const char *machine; /* of its binaries; NULL: it has none */
	const char *glibc; /* the floor; NULL: none */
	int64_t page_size; /* smallest alignment of its ELF binaries for aarch64; 0: it has none */
	const char **bundled; /* names of the libraries that came along */
	size_t bundled_count;
	int64_t errors, warnings;
	const char *broken; /* code of the error for which no import can work there, NULL: none */
	struct wheel_problem_view {
		const char *code;
		const char *severity; /* note, warning, error */
		const char *path; /* in the wheel; "" when it is the whole file */
		const char *detail;
	} * problems; /* worst first, at most 40 */
	size_t problem_count;
};

struct target_view {
	const char *target;
	const char *python;
	bool free_threaded;
	const char *platform;
	const char *family; /* windows, glibc, musl */
	const char *headline;
	const char *version; /* the release the headline speaks of */
	int64_t since;
	struct published_view published;
	const struct wheel_view *wheel; /* on published.file; NULL: nobody looked into it */
	const char *dependencies; /* ok, blocked, unknown */
	const char *with_built; /* the same where this farm's clean wheels count, too */
	bool proven;
	bool has_build; /* `build` below was filled */
	struct build_view build;
	const struct build_view
		*tested; /* the newest run of the published wheel; NULL: none has ended */
	const struct build_view
		*test; /* of `build`'s wheel by a job of its own, which may still wait; NULL: none */
	struct blocker_view *blockers;
	size_t blocker_count;
};

struct release_view {
	const char *version;
	int64_t date; /* first upload */
	bool yanked; /* every file is */
	bool prerelease;
	bool glibc, musl, windows; /* some compiled wheel for aarch64 / arm64 of that family */
	bool sdist, pure;
};

/* What the recipe added to the newest build, as its job says it. */
struct recipe_view {
	int64_t job; /* 0: there was no build, or its job does not say */
	const char *tree; /* commit of the recipes; NULL: not known */
	bool dirty;
	bool plain; /* no recipe: built as the source is */
	struct recipe_fact {
		const char *name; /* a field of the job's recipe */
		const char *value; /* what it says, lists with commas */
	} * facts;
	size_t fact_count;
};

struct package_view {
	struct arena arena;
	const char *name;
	const char *display; /* as the index spells it; falls back to name */
	int64_t rank; /* 0: none */
	int64_t downloads; /* -1: unknown */
	int64_t scanned;
	const char *status; /* PEP 792 */
	const char *newest;
	int64_t newest_date;
	const char *problem;
	struct target_view *targets; /* sorted by name */
	size_t target_count;
	struct build_view *builds; /* all of them, newest first, at most 50 */
	size_t build_count;
	struct recipe_view recipe;
	struct need_view {
		const char *name;
		bool known; /* it is a package of this database */
	} * needs; /* what its metadata names, extras left out, at most 60 */
	size_t need_count;
	const char *
		*waiting; /* those that it holds back on some target, most downloaded first, at most 20 */
	size_t waiting_count;
	int64_t waits; /* all of them */
	struct release_view *releases; /* newest first by PEP 440, at most 40 */
	size_t release_count;
	struct store_change *changes; /* of the nights, newest first, at most 12 */
	size_t change_count;
};

/* ERR_NOT_FOUND when the database knows no such package. `name` is normalised by the caller. */
int store_package_view(struct store *s, struct str name, struct package_view *out, struct err *e);
/* The same without recipe, releases, neighbours and changes. */
int store_package_standing(
	struct store *s, struct str name, struct package_view *out, struct err *e);
void package_view_finish(struct package_view *v);

struct log_location {
	const char *sha256; /* of the finished log's text, NULL while it runs */
	const char *
		blob; /* that has it: packed in frames unless its name is `sha256`; NULL: none (any more) */
	const char *live; /* path of the growing log, NULL if none */
	int64_t size;
};

struct job_view {
	struct arena arena;
	struct build_view build;
	const char *key;
	int64_t created;
	int64_t started;
	int64_t finished;
	const char *agent;
	const char *toolchain;
	const char *toolchain_sha256; /* of all that was used; NULL: the agent did not say */
	const char *builder_image;
	const char *tester_image;
	const char *sandbox;
	const char *source; /* file that it begins with, NULL: none */
	const char *source_sha256;
	const char *recipe_commit;
	bool recipe_dirty;
	const char *spec; /* the job as JSON */
	const char *inspect; /* the coordinator's report on the wheel as JSON, or NULL */
	const char *wrong; /* code of the first error in it; NULL: there is none */
	struct control_view {
		int64_t job; /* on x86-64; 0: there is none */
		const char *state; /* of its result; NULL: it has none yet */
		const char *stage; /* that failed */
		const char *owner;
	} control;
	int64_t tested; /* the job that tests what this one built; 0: there is none */
	struct log_location log;
	struct import_view {
		const char *module;
		bool ok;
		bool native;
		const char *error;
	} * imports;
	size_t import_count;
	struct artefact_view {
		const char *filename;
		const char *sha256;
		int64_t size;
		const char *kind;
		bool kept; /* false: its bytes are gone */
	} * artefacts;
	size_t artefact_count;
};
int store_job_view(struct store *s, int64_t job, struct job_view *out, struct err *e);
void job_view_finish(struct job_view *v);
/* Of all jobs, by number; the caller frees. */
int store_job_numbers(struct store *s, int64_t **out, size_t *count, struct err *e);

/* One row of the package table. `strip` has one headline a target, in the order of `targets`. */
struct package_row {
	const char *name;
	int64_t rank;
	int64_t downloads;
	const char *newest;
	const char **strip;
	const char *reason; /* code of a failed build for the target asked for, or NULL */
	const char *why; /* of the target asked for: reason and evidence in a few words, or NULL */
	const char *headline; /* of the target asked for */
	int64_t waits,
		waiting_downloads; /* who waits for it there: with package_query.by_waits, and of an
										 overview */
	int64_t freed; /* of those, who can be had with this farm's wheels */
	/* with by_waits: packages that it names and that cannot be had there either, at most PACKAGE_AFTER */
	const char **after;
	size_t after_count;
};
enum { PACKAGE_AFTER = 8 };

enum package_sort { PACKAGE_SORT_RANK, PACKAGE_SORT_NAME };
struct package_query {
	const char *target; /* NULL: the default one */
	const char *family; /* of the default one; NULL: the first there is */
	const char *headline; /* NULL: all; "not-ready": all but ready and not_applicable */
	struct str search; /* part of the name; empty: all */
	const char *reason; /* code of a failed build for the target; NULL: all */
	const char *owner; /* of that reason; NULL: all */
	enum package_sort sort;
	bool by_waits; /* those first that most downloads wait for on the target */
	int64_t offset;
	int64_t limit; /* at most 500; PACKAGES_ALL: every row there is, for those who write files */
};
enum { PACKAGES_ALL = -1 };
struct packages_view {
	struct arena arena;
	const char **targets; /* names, grouped glibc, musl, windows, each by Python */
	size_t target_count;
	const char *target; /* the one asked for, resolved */
	struct package_row *rows;
	size_t row_count;
	int64_t total; /* rows without offset and limit */
};
int store_packages_view(
	struct store *s, const struct package_query *q, struct packages_view *out, struct err *e);
void packages_view_finish(struct packages_view *v);

/* The names that fit what somebody types. Rows have no why. */
enum { SEARCH_MOST = 12 };
int store_search_view(struct store *s, struct str part, struct packages_view *out, struct err *e);

/* Every package, by rank. */
struct names_view {
	struct arena arena;
	const char *target; /* the first default one, NULL: there is none */
	struct name_view {
		const char *name;
		int64_t scanned; /* 0: never */
		const char *headline; /* on `target` */
	} * names;
	size_t count;
};
int store_names_view(struct store *s, struct names_view *out, struct err *e);
void names_view_finish(struct names_view *v);

/* One card of the overview: how the packages stand on a target. */
struct target_summary {
	int64_t id; /* of the target */
	const char *target;
	const char *family;
	struct headline_count {
		const char *headline;
		int64_t packages;
		int64_t downloads;
	} counts[9]; /* in the order of HEADLINE_MAP, zero where none */
	int64_t packages;
	int64_t downloads;
	struct trend_point tops[TREND_TOPS]; /* as they stand now, in the order of trend_tops */
	struct trend_point *trend; /* of all packages, oldest first, at most 90; default targets only */
	size_t trend_count;
};
struct overview_view {
	struct arena arena;
	int64_t packages;
	int64_t scanned; /* when the last scan ended, or began if it runs */
	struct target_summary *summaries; /* the configured default targets first, then the rest */
	size_t summary_count;
	size_t default_count;
	struct store_change *changes; /* newest first, at most 20 */
	size_t change_count;
	struct build_view *builds; /* the latest results, newest first, at most 20 */
	size_t build_count;
	int64_t jobs_queued, jobs_leased, jobs_passed, jobs_failed;
	/* For each default target the most downloaded packages that are not ready, at most 8. */
	struct packages_view *missing;
};
int store_overview_view(struct store *s, struct overview_view *out, struct err *e);
void overview_view_finish(struct overview_view *v);
