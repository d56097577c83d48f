#include "coordinator/keep/keep.h"

#include "coordinator/store/log.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/io/blob_sweep.h"
#include "core/io/loop.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FIRST_MS = 60 * 1000,
	ROUND_MS = 3600 * 1000,
	REST_MS = 20,
	ROWS = 200, /* of a slice */
	BLOBS = 32,
};

/* The steps of a round in their order; each is one slice or many, and each slice is one piece of work on
 * the thread pool, which waits for the writer where it has something to write. */
enum step {
	STEP_BEGIN, /* how far it goes */
	STEP_RESULTS,
	STEP_LEASES,
	STEP_AUDIT,
	STEP_LOGS, /* packs one */
	STEP_BLOBS, /* retires and removes some of one folder */
	STEP_CLEAR, /* dead files, given up uploads, old growing logs */
	STEP_REST,
};

struct keep {
	struct keep_options o;
	enum step step;
	uv_timer_t timer;
	bool busy; /* a slice is under way */
	bool closing;
	void (*closed)(void *user);
	void *closed_user;
	struct keep_counts counts;
	struct store *reader; /* opened for each round */
	int64_t now; /* of the slice */

	int64_t from; /* where the next slice of this step begins */
	int64_t last_result, last_lease;
	char log[SHA256_HEX];
	char packed[SHA256_HEX];
	unsigned folder;
	char blobs[BLOBS][SHA256_HEX];
	size_t blob_count;

	int code; /* of the slice */
	struct err err;
};

static void enter(struct keep *k, enum step step)
{
	k->step = step;
	k->from = 0;
}

/* --- rows --- */

static int write_rows(struct store *s, void *user, struct err *e)
{
	struct keep *k = user;
	struct store_kept *gone = &k->counts.rows;
	if (k->step == STEP_RESULTS) {
		return store_keep_results(s, k->from, k->from + ROWS, &k->o.ages, k->now, gone, e);
	}
	return store_keep_leases(s, k->from, k->from + ROWS, &k->o.ages, k->now, gone, e);
}

static int do_rows(struct keep *k, struct err *e)
{
	int64_t last = k->step == STEP_RESULTS ? k->last_result : k->last_lease;
	int code = k->from < last ? store_write_wait(k->o.writer, write_rows, k, e) : 0;
	k->from += ROWS;
	if (code == 0 && k->from >= last) {
		enter(k, (enum step)(k->step + 1));
	}
	return code;
}

static int write_audit(struct store *s, void *user, struct err *e)
{
	struct keep *k = user;
	return store_keep_audit(s, ROWS, &k->o.ages, k->now, &k->counts.rows, e);
}

static int do_audit(struct keep *k, struct err *e)
{
	int64_t before = k->counts.rows.audit;
	int code = store_write_wait(k->o.writer, write_audit, k, e);
	if (code == 0 && k->counts.rows.audit - before < ROWS) {
		enter(k, STEP_LOGS);
	}
	return code;
}

/* --- logs that came before they were packed --- */

static int write_log(struct store *s, void *user, struct err *e)
{
	struct keep *k = user;
	return store_keep_set_log(s, k->log, k->packed, e);
}

static int do_log(struct keep *k, struct err *e)
{
	int64_t result = 0;
	int code = store_keep_plain_log(k->reader, k->from, &result, k->log, e);
	if (code != 0 || result == 0) {
		enter(k, STEP_BLOBS);
		return code;
	}
	k->from = result;
	if (!sha256_hex_valid(str_from(k->log)) ||
		!blob_store_has(k->o.blobs, str_from(k->log), NULL)) {
		return 0; /* somebody took it away */
	}
	char *text = blob_store_path(k->o.blobs, str_from(k->log));
	code = store_log_keep(k->o.blobs, text, k->o.live_folder, k->packed, e);
	free(text);
	if (code == 0) {
		code = store_write_wait(k->o.writer, write_log, k, e);
	}
	k->counts.packed += code == 0 ? 1 : 0;
	return code;
}

/* --- blobs --- */

static bool is_pinned(const struct keep *k, const char *hex)
{
	for (size_t i = 0; i < k->o.pinned_count; i++) {
		if (strcmp(k->o.pinned[i], hex) == 0) {
			return true;
		}
	}
	return false;
}

struct search {
	struct keep *keep;
	int code;
	struct err *e;
};

static bool found_blob(void *user, const struct blob_found *blob)
{
	struct search *search = user;
	struct keep *k = search->keep;
	bool used = true;
	if (blob->changed >= k->now - k->o.orphan_ms || is_pinned(k, blob->hex)) {
		return true;
	}
	search->code = store_keep_blob_is_used(k->reader, blob->hex, &used, search->e);
	if (search->code == 0 && !used) {
		memcpy(k->blobs[k->blob_count++], blob->hex, SHA256_HEX);
	}
	return search->code == 0 && k->blob_count < BLOBS;
}

/* Nothing is written: that no result is committed between the question and the renaming is what the
 * writer's thread is for. */
static int write_retire(struct store *s, void *user, struct err *e)
{
	struct keep *k = user;
	for (size_t i = 0; i < k->blob_count; i++) {
		bool used = true;
		int code = store_keep_blob_is_used(s, k->blobs[i], &used, e);
		if (code != 0) {
			return code;
		}
		if (!used) {
			(void)blob_sweep_retire(k->o.blobs, str_from(k->blobs[i]), k->now - k->o.orphan_ms);
		}
	}
	return 0;
}

static int clear_partial(struct keep *k, struct err *e)
{
	return blob_sweep_partial(
		k->o.blobs, k->now - k->o.orphan_ms, &k->counts.blobs, &k->counts.bytes, e);
}

static int do_blobs(struct keep *k, struct err *e)
{
	struct search search = {.keep = k, .e = e};
	k->blob_count = 0;
	int code = blob_sweep_folder(k->o.blobs, k->folder, found_blob, &search, e);
	code = code != 0 ? code : search.code;
	if (code == 0 && k->blob_count != 0) {
		code = store_write_wait(k->o.writer, write_retire, k, e);
	}
	if (code == 0 && k->blob_count != 0) {
		code = clear_partial(k, e);
	}
	if (k->blob_count < BLOBS && ++k->folder == BLOB_FOLDERS) {
		enter(k, STEP_CLEAR);
	}
	return code;
}

/* "JOB-ATTEMPT.log" of a job that does not run, or what packing left; others are not ours. */
static bool is_left(struct keep *k, const char *name, int64_t age)
{
	long long job = 0;
	long long attempt = 0;
	bool runs = true;
	if (str_ends(str_from(name), ".pack")) {
		return age > k->o.orphan_ms;
	}
	/* of a job whose agent was never heard of again the growing log is all there is */
	return sscanf(name, "%lld-%lld.log", &job, &attempt) == 2 && age > k->o.ages.log_fail &&
		store_keep_job_runs(k->reader, job, &runs, NULL) == 0 && !runs;
}

static void clear_live(struct keep *k)
{
	DIR *d = opendir(k->o.live_folder);
	for (struct dirent *entry; d != NULL && (entry = readdir(d)) != NULL;) {
		struct stat st;
		if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode) &&
			is_left(k, entry->d_name, k->now - (int64_t)st.st_mtim.tv_sec * 1000) &&
			unlinkat(dirfd(d), entry->d_name, 0) == 0) {
			k->counts.blobs++;
			k->counts.bytes += (uint64_t)st.st_size;
		}
	}
	if (d != NULL) {
		closedir(d);
	}
}

static int do_clear(struct keep *k, struct err *e)
{
	clear_live(k);
	enter(k, STEP_REST);
	return clear_partial(k, e);
}

static int do_begin(struct keep *k, struct err *e)
{
	k->counts = (struct keep_counts){0};
	k->folder = 0;
	enter(k, STEP_RESULTS);
	int code = store_open(k->o.database, STORE_READ, &k->reader, e);
	return code == 0 ? store_keep_last(k->reader, &k->last_result, &k->last_lease, e) : code;
}

/* --- the order of a round --- */

static void work(void *user)
{
	static int (*const slices[])(struct keep * k, struct err * e) = {
		[STEP_BEGIN] = do_begin,
		[STEP_RESULTS] = do_rows,
		[STEP_LEASES] = do_rows,
		[STEP_AUDIT] = do_audit,
		[STEP_LOGS] = do_log,
		[STEP_BLOBS] = do_blobs,
		[STEP_CLEAR] = do_clear,
	};
	struct keep *k = user;
	k->now = clock_now_ms(k->o.clock);
	k->err = (struct err){0};
	k->code = slices[k->step](k, &k->err);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct keep *k = handle->data;
	void (*closed)(void *user) = k->closed;
	void *user = k->closed_user;
	store_close(k->reader);
	free(k);
	if (closed != NULL) {
		closed(user);
	}
}

static void end_round(struct keep *k)
{
	store_close(k->reader);
	k->reader = NULL;
	if (k->code != 0) {
		/* the next round does what this one did not come to */
		log_warn("keep", "%s", k->err.text);
	} else if (k->o.on_round != NULL) {
		k->o.on_round(k->o.user, &k->counts);
	}
	enter(k, STEP_REST);
}

static void on_timer(uv_timer_t *timer);

static void on_worked(void *user)
{
	struct keep *k = user;
	k->busy = false;
	if (k->closing) {
		uv_close((uv_handle_t *)&k->timer, on_timer_closed);
		return;
	}
	if (k->code != 0 || k->step == STEP_REST) {
		end_round(k);
	}
	uv_timer_start(
		&k->timer, on_timer, (uint64_t)(k->step == STEP_REST ? k->o.round_ms : k->o.rest_ms), 0);
}

static void on_timer(uv_timer_t *timer)
{
	struct keep *k = timer->data;
	if (k->step == STEP_REST) {
		enter(k, STEP_BEGIN);
	}
	k->busy = true;
	loop_work(k->o.loop, work, on_worked, k);
}

struct keep *keep_start(const struct keep_options *options)
{
	struct keep *k = MEM_NEW(struct keep);
	k->o = *options;
	k->o.first_ms = options->first_ms != 0 ? options->first_ms : FIRST_MS;
	k->o.round_ms = options->round_ms != 0 ? options->round_ms : ROUND_MS;
	k->o.rest_ms = options->rest_ms != 0 ? options->rest_ms : REST_MS;
	k->step = STEP_REST;
	uv_timer_init(options->loop, &k->timer);
	k->timer.data = k;
	uv_timer_start(&k->timer, on_timer, (uint64_t)k->o.first_ms, 0);
	uv_unref((uv_handle_t *)&k->timer);
	return k;
}

void keep_hurry(struct keep *k)
{
	if (!k->busy && k->step == STEP_REST && !k->closing) {
		uv_timer_start(&k->timer, on_timer, 0, 0);
	}
}

void keep_stop(struct keep *k, void (*closed)(void *user), void *user)
{
	k->closing = true;
	k->closed = closed;
	k->closed_user = user;
	if (!k->busy) {
		uv_close((uv_handle_t *)&k->timer, on_timer_closed);
	}
}
