/* One slot of the daemon: asks for a job, runs it, reports it, again and again. Its life is the enum
 * below and one switch; a lease that is lost (409) drops the work wherever it is. */
#pragma once

#include "agent/agent.h"
#include "agent/client.h"
#include "agent/job_run.h"
#include "core/farm_protocol/message.h"

struct daemon;

enum slot_state {
	SLOT_ASK, /* a lease is to be asked for */
	SLOT_WAIT, /* for its answer, or for the time of the next try */
	SLOT_RUN, /* the job runs; heartbeats and the log go out meanwhile */
	SLOT_LOG, /* the rest of the log goes out */
	SLOT_CHECK, /* what the coordinator has of the next file */
	SLOT_FILE, /* its pieces go out */
	SLOT_RESULT, /* the result goes out, until it is acknowledged */
	SLOT_CLEAN, /* the workspace is being removed; then comes `next`, if the result brought one */
	SLOT_OVER, /* no more jobs */
};

struct slot {
	struct daemon *daemon;
	int64_t number;
	enum slot_state state;
	unsigned tries; /* of the present request */
	struct fetch_transfer *request; /* under way, or NULL */
	bool busy; /* a request of the state is under way, or waits for its time */

	struct arena next_arena;
	struct lease next; /* that came with the last result's answer; fence NULL: none */
	struct arena arena; /* of the lease */
	struct lease lease;
	struct job_run *run;
	bool lost; /* the lease: nothing more is said of this job */
	bool run_ended;
	struct result result;

	uv_timer_t retry; /* of the present request */
	uv_timer_t heartbeat;
	struct fetch_transfer *heartbeat_request;
	bool heartbeat_busy;
	const char *stage;

	uint64_t log_sent;
	uint64_t log_piece_end; /* where the piece under way ends */
	struct fetch_transfer *log_request;
	bool log_busy;
	unsigned log_tries;
	uv_timer_t log_retry;
	bool log_refused; /* the coordinator takes no more of it */

	size_t file; /* of result.files */
	uint64_t offset;

	struct client_blob *blob; /* on its way to the run, or NULL */
};

void slot_init(struct slot *s, struct daemon *daemon, int64_t number);
/* The one switch: does what the state asks for. */
void slot_step(struct slot *s);
/* Drops what runs: the farm ends now. */
void slot_cancel(struct slot *s);
void slot_close(struct slot *s); /* closes its timers */

/* --- slot_report.c: what goes out of a job --- */

/* Sends the next piece of log if there is one and none is under way. */
void slot_log(struct slot *s);
bool slot_log_is_sent(const struct slot *s);
/* One heartbeat now and then regularly: called again at each stage, so that everybody sees where a job
 * is. */
void slot_heartbeat_start(struct slot *s);
void slot_check_file(struct slot *s);
void slot_send_piece(struct slot *s);
void slot_send_result(struct slot *s);
/* The lease is gone: cancels the run, lets the slot clean up. */
void slot_lose(struct slot *s, const char *why);
/* After CLIENT_AGAIN: slot_step comes when it is time for the next try. */
void slot_retry(struct slot *s, const struct client_reply *reply, const char *what);
