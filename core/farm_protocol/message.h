/* The messages between agent and coordinator that are not a job or a result, and their addresses.
 *
 * Every request carries "Authorization: Bearer TOKEN" and "Wheelfarm-Protocol: 2". All bodies are
 * JSON but for logs and blobs. Answers to expect anywhere: 401 token unknown or revoked, 409
 * lease_lost (drop the work), 429/503 with Retry-After (slow down), 413 too large, 426 wrong
 * protocol version.
 *
 *   POST /api/v1/agent/hello                       hello        → welcome
 *   POST /api/v1/agent/lease                       lease_request → 200 lease, 204 nothing to do (after
 *                                                   at most wait_s), 410 no job will come any more
 *                                                   (the farm is done; an agent of `run` ends)
 *   POST /api/v1/agent/heartbeat                   heartbeat    → heartbeat_reply
 *   POST /api/v1/agent/log?fence=F&offset=N        bytes        → 204; 409 {"offset":M} on a gap
 *   GET  /api/v1/agent/upload/SHA256?fence=F       → {"size":N,"complete":bool}
 *   PUT  /api/v1/agent/upload/SHA256?fence=F&offset=N&total=T  bytes → the same
 *   GET  /api/v1/agent/blob/SHA256                 → bytes (patches, sdists kept here)
 *   POST /api/v1/agent/result[?next=SLOT]          result       → 200 {"accepted":true}, and with
 *                                                   next, if there is work at once, a member
 *                                                   "lease": the slot's next one
 *
 * An agent and a coordinator that are one version apart work together: what one of them does not know
 * of (an argument, a member) it leaves alone, and the other does without.
 *
 * A piece of log or of an upload has at most 1 MiB. */
#pragma once

#include "core/farm_protocol/job.h"

#define PROTOCOL_PATH "/api/v1/agent"
enum {
	PROTOCOL_PIECE = 1 << 20,
	PROTOCOL_SLOTS = 256, /* of one agent, at most */
};

struct capabilities {
	const char *os; /* "linux" */
	const char *arch; /* "x86_64", "aarch64" */
	struct json_texts modes; /* "cross", "native", "emulated" */
	struct json_texts toolchains; /* "cross-zig" */
	struct json_texts images; /* "trixie-amd64-builder-1" */
	struct json_texts targets; /* empty: any that toolchains and images allow */
	const char
		*identity; /* hash of what toolchains and images are made of: another one is to be proved */
	int64_t cores;
	int64_t memory_mb;
	int64_t page_size;
	int64_t free_disk_mb;
};

struct hello {
	int64_t protocol;
	const char *version; /* of the program */
	int64_t clock; /* wall ms at the agent */
	int64_t slots; /* 1 to PROTOCOL_SLOTS; they are numbered from 0 */
	struct capabilities capabilities;
};
struct welcome {
	const char *agent; /* its name here */
	int64_t heartbeat_s;
};
struct lease_request {
	int64_t slot; /* a lease that it had until now is over: it was lost on its way, or by a crash */
	int64_t wait_s; /* at most 30 */
	int64_t free_disk_mb;
};
struct lease {
	const char *fence; /* random, unguessable; names this lease in every later message */
	int64_t deadline; /* wall ms; renewed by heartbeats */
	int64_t hard_deadline;
	int64_t heartbeat_s;
	bool canary; /* it proves that the agent can build, and is no job of anybody's */
	struct job job;
};
struct result_reply {
	bool accepted;
	struct lease lease; /* fence NULL: none */
};
struct heartbeat {
	const char *fence;
	const char *stage; /* where it is */
};
struct heartbeat_reply {
	int64_t deadline;
};

extern const struct json_field hello_fields[];
extern const struct json_field welcome_fields[];
extern const struct json_field lease_request_fields[];
extern const struct json_field lease_fields[];
extern const struct json_field result_reply_fields[];
extern const struct json_field heartbeat_fields[];
extern const struct json_field heartbeat_reply_fields[];

/* Parses `json` into *out by one of the tables above; memory in arena. */
int message_read(struct str json, const struct json_field *fields, const char *what, void *out,
	struct arena *arena, struct err *e);
/* As one line of JSON appended to `out`. */
void message_write(struct buf *out, const struct json_field *fields, const void *in);
