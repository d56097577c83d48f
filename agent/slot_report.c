/* What goes out of a job: heartbeats, the log as it grows, the files, the result. */
#include "agent/daemon.h"
#include "agent/slot.h"
#include "core/base/log.h"
#include "core/io/json.h"
#include "core/io/json_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	HEARTBEAT_DEFAULT_S = 10,
	PIECE_TIMEOUT_MS = 120000,
	GAPS_MOST = 8,
	UPLOAD_TRIES = 3,
	HTTP_HASH_MISMATCH = 422,
};

/* Nobody waits for this answer any more: the slot goes on to its end. */
static bool is_over(struct slot *s, const struct client_reply *reply)
{
	if (!s->lost && reply->kind != CLIENT_STOPPED) {
		return false;
	}
	slot_step(s);
	return true;
}

/* --- heartbeats --- */

static void on_heartbeat(void *user, const struct client_reply *reply)
{
	struct slot *s = user;
	s->heartbeat_busy = false;
	s->heartbeat_request = NULL;
	if (is_over(s, reply)) {
		return;
	}
	if (reply->kind == CLIENT_LOST) {
		slot_lose(s, "lease lost");
	} else if (reply->kind == CLIENT_DENIED) {
		slot_lose(s, reply->text);
	} else if (reply->kind != CLIENT_OK) {
		/* the next one comes soon; the coordinator may be starting again */
		log_warn("agent", "slot %lld: heartbeat: %s", (long long)s->number, reply->text);
	}
	slot_step(s);
}

static void on_timer(uv_timer_t *timer)
{
	struct slot *s = timer->data;
	if (s->heartbeat_busy || s->lost) {
		return;
	}
	struct heartbeat heartbeat = {.fence = s->lease.fence, .stage = s->stage};
	struct buf body = {0};
	message_write(&body, heartbeat_fields, &heartbeat);
	struct client_request request = {
		.method = "POST",
		.path = "/heartbeat",
		.body = buf_view(&body),
		.timeout_ms = 20000,
		.done = on_heartbeat,
		.user = s,
	};
	s->heartbeat_busy = true;
	s->heartbeat_request = client_send(&s->daemon->client, &request);
	buf_finish(&body);
}

void slot_heartbeat_start(struct slot *s)
{
	int64_t seconds = s->lease.heartbeat_s > 0 ? s->lease.heartbeat_s
		: s->daemon->heartbeat_s > 0           ? s->daemon->heartbeat_s
											   : HEARTBEAT_DEFAULT_S;
	uint64_t ms = (uint64_t)seconds * 1000;
	uv_timer_start(&s->heartbeat, on_timer, 0, ms);
}

/* --- the log --- */

bool slot_log_is_sent(const struct slot *s)
{
	return s->log_refused || (!s->log_busy && s->log_sent >= s->run->log.size);
}

static void log_later(uv_timer_t *timer)
{
	struct slot *s = timer->data;
	s->log_busy = false;
	if (!s->lost && s->run != NULL) {
		slot_log(s);
	}
	slot_step(s);
}

/* {"offset":M} of a gap, or -1: then the 409 is a lost lease. */
static int64_t offset_of(struct str body)
{
	struct arena a = {0};
	struct json_node *node = NULL;
	int64_t offset = -1;
	if (json_tree_parse(body, "gap", &a, &node, NULL) == 0 && node->kind == JSON_OBJECT) {
		const struct json_node *at = json_tree_get(node, "offset");
		if (at != NULL && at->kind == JSON_NUMBER && !str_to_i64(at->text, &offset)) {
			offset = -1;
		}
	}
	arena_finish(&a);
	return offset;
}

static void on_log_sent(void *user, const struct client_reply *reply)
{
	struct slot *s = user;
	s->log_busy = false;
	s->log_request = NULL;
	if (is_over(s, reply)) {
		return;
	}
	int64_t gap = reply->kind == CLIENT_LOST ? offset_of(reply->body) : -1;
	switch (reply->kind) {
	case CLIENT_OK:
		s->log_tries = 0;
		s->log_sent = s->log_piece_end;
		break;
	case CLIENT_LOST:
		if (gap >= 0 && (uint64_t)gap <= s->run->log.size) {
			s->log_sent = (uint64_t)gap;
			s->log_tries++;
			if (s->log_tries < GAPS_MOST) {
				break;
			}
		}
		slot_lose(s, "lease lost");
		slot_step(s);
		return;
	case CLIENT_AGAIN:
		s->log_tries++;
		s->log_busy = true;
		uv_timer_start(
			&s->log_retry, log_later, client_backoff_ms(s->log_tries, reply->retry_after_s), 0);
		return;
	case CLIENT_OVER:
	case CLIENT_UNKNOWN:
	case CLIENT_DENIED:
	case CLIENT_BAD:
	case CLIENT_STOPPED:
		log_warn("agent", "slot %lld: the log is not taken: %s", (long long)s->number, reply->text);
		s->log_refused = true;
		break;
	}
	if (!s->lost) {
		slot_log(s);
	}
	slot_step(s);
}

void slot_log(struct slot *s)
{
	if (s->log_busy || s->lost || s->log_refused || s->run->log.size <= s->log_sent) {
		return;
	}
	struct buf piece = {0};
	struct err e = {0};
	if (job_log_read(&s->run->log, s->log_sent, PROTOCOL_PIECE, &piece, &e) != 0) {
		log_error("agent", "slot %lld: %s", (long long)s->number, e.text);
		s->log_refused = true;
		buf_finish(&piece);
		return;
	}
	char *path =
		str_format("/log?fence=%s&offset=%llu", s->lease.fence, (unsigned long long)s->log_sent);
	struct client_request request = {
		.method = "POST",
		.path = path,
		.type = "application/octet-stream",
		.body = buf_view(&piece),
		.timeout_ms = PIECE_TIMEOUT_MS,
		.done = on_log_sent,
		.user = s,
	};
	s->log_busy = true;
	s->log_piece_end = s->log_sent + piece.n;
	s->log_request = client_send(&s->daemon->client, &request);
	free(path);
	buf_finish(&piece);
}

/* --- files --- */

static struct result_file *file_at_hand(struct slot *s)
{
	return (struct result_file *)s->result.files.v + s->file;
}

/* A pass without its wheel would be taken for a package that made none: it is our failure. */
static void fail_upload(struct slot *s, const char *why)
{
	struct result *r = &s->result;
	if (strcmp(r->state, "pass") != 0) {
		return;
	}
	struct result_stage *stages = r->stages.v;
	for (size_t i = STAGE_INSPECT; i < r->stages.n; i++) {
		stages[i].status =
			stage_status_name(i == STAGE_INSPECT ? STAGE_STATUS_FAIL : STAGE_STATUS_NOT_RUN);
	}
	r->state = "fail";
	r->stage = stage_name(STAGE_INSPECT);
	r->reason = reason_code(REASON_CODE_AGENT_FAULT);
	r->line = arena_printf(&s->arena, "the wheel could not be uploaded: %s", why);
	r->imports.n = 0;
	r->executor = "";
}

/* The coordinator will not have this file: the result goes without it. */
static void drop_file(struct slot *s, const char *why)
{
	struct result_file *files = s->result.files.v;
	log_warn("agent", "slot %lld: %s is not taken: %s", (long long)s->number,
		files[s->file].filename, why);
	if (strcmp(files[s->file].kind, "wheel") == 0) {
		fail_upload(s, why);
	}
	s->result.files.n--;
	memmove(files + s->file, files + s->file + 1, (s->result.files.n - s->file) * sizeof(*files));
	s->state = SLOT_CHECK;
}

/* {"size":N,"complete":bool} moves on to the next piece or file. */
static bool take_progress(struct slot *s, struct str body)
{
	struct arena a = {0};
	struct json_node *node = NULL;
	bool known = false;
	if (json_tree_parse(body, "upload", &a, &node, NULL) == 0 && node->kind == JSON_OBJECT) {
		const struct json_node *size = json_tree_get(node, "size");
		const struct json_node *complete = json_tree_get(node, "complete");
		uint64_t offset = 0;
		if (complete != NULL && complete->kind == JSON_BOOL && complete->boolean) {
			known = true;
			s->file++;
			s->state = SLOT_CHECK;
		} else if (size != NULL && size->kind == JSON_NUMBER && str_to_u64(size->text, &offset) &&
			offset <= (uint64_t)file_at_hand(s)->size) {
			known = true;
			s->offset = offset;
			s->state = SLOT_FILE;
		}
	}
	arena_finish(&a);
	return known;
}

static void on_progress(void *user, const struct client_reply *reply)
{
	struct slot *s = user;
	s->busy = false;
	s->request = NULL;
	if (is_over(s, reply)) {
		return;
	}
	switch (reply->kind) {
	case CLIENT_OK: {
		enum slot_state before = s->state;
		uint64_t offset = s->offset;
		if (!take_progress(s, reply->body)) {
			drop_file(s, "the answer to its upload makes no sense");
		} else if (before == SLOT_FILE && s->state == SLOT_FILE && s->offset <= offset) {
			/* it went back or stood still: wait, or this would spin */
			slot_retry(s, reply, "upload");
			return;
		} else {
			s->tries = 0;
		}
		break;
	}
	case CLIENT_LOST:
		if (offset_of(reply->body) < 0) {
			slot_lose(s, "lease lost");
			break;
		}
		s->state = SLOT_CHECK;
		slot_retry(s, reply, "upload");
		return;
	case CLIENT_AGAIN:
	case CLIENT_UNKNOWN:
		s->state = SLOT_CHECK; /* how much arrived is asked first */
		slot_retry(s, reply, "upload");
		return;
	case CLIENT_BAD:
		/* what arrived was not what left, and is thrown away there */
		if (reply->status == HTTP_HASH_MISMATCH && s->tries < UPLOAD_TRIES) {
			s->state = SLOT_CHECK;
			slot_retry(s, reply, "upload");
			return;
		}
		drop_file(s, reply->text);
		break;
	case CLIENT_OVER:
	case CLIENT_DENIED:
	case CLIENT_STOPPED:
		drop_file(s, reply->text);
		break;
	}
	slot_step(s);
}

void slot_check_file(struct slot *s)
{
	char *path = str_format("/upload/%s?fence=%s", file_at_hand(s)->sha256, s->lease.fence);
	struct client_request request = {.path = path, .done = on_progress, .user = s};
	s->busy = true;
	s->request = client_send(&s->daemon->client, &request);
	free(path);
}

static int read_piece(struct slot *s, struct buf *piece)
{
	int fd = job_run_open_file(s->run, file_at_hand(s), NULL);
	int code = fd < 0 ? fd : 0;
	while (code == 0 && piece->n < PROTOCOL_PIECE) {
		char bytes[65536];
		size_t want = PROTOCOL_PIECE - piece->n;
		want = want < sizeof(bytes) ? want : sizeof(bytes);
		ssize_t n = pread(fd, bytes, want, (off_t)(s->offset + piece->n));
		if (n == 0) {
			break;
		}
		if (n > 0) {
			buf_add(piece, bytes, (size_t)n);
		} else if (errno != EINTR) {
			code = -errno;
		}
	}
	if (fd >= 0) {
		close(fd);
	}
	return code;
}

void slot_send_piece(struct slot *s)
{
	struct buf piece = {0};
	int code = read_piece(s, &piece);
	if (code != 0) {
		drop_file(s, err_text(code));
		buf_finish(&piece);
		slot_step(s);
		return;
	}
	const struct result_file *file = file_at_hand(s);
	char *path = str_format("/upload/%s?fence=%s&offset=%llu&total=%lld", file->sha256,
		s->lease.fence, (unsigned long long)s->offset, (long long)file->size);
	struct client_request request = {
		.method = "PUT",
		.path = path,
		.type = "application/octet-stream",
		.body = buf_view(&piece),
		.timeout_ms = PIECE_TIMEOUT_MS,
		.done = on_progress,
		.user = s,
	};
	s->busy = true;
	s->request = client_send(&s->daemon->client, &request);
	free(path);
	buf_finish(&piece);
}

/* --- the result --- */

/* An older coordinator sends none; one that does not make sense runs out by itself. */
static void take_next(struct slot *s, struct str body)
{
	struct err e = {0};
	struct result_reply reply = {0};
	if (message_read(body, result_reply_fields, "answer", &reply, &s->next_arena, &e) != 0) {
		log_error("agent", "slot %lld: %s", (long long)s->number, e.text);
		arena_finish(&s->next_arena);
		return;
	}
	s->next = reply.lease;
}

static void on_result(void *user, const struct client_reply *reply)
{
	struct slot *s = user;
	s->busy = false;
	s->request = NULL;
	if (is_over(s, reply)) {
		return;
	}
	switch (reply->kind) {
	case CLIENT_OK:
		take_next(s, reply->body);
		log_info("agent", "slot %lld: job %lld: %s%s%s", (long long)s->number,
			(long long)s->lease.job.id, s->result.state, s->result.stage != NULL ? " in " : "",
			s->result.stage != NULL ? s->result.stage : "");
		s->state = SLOT_CLEAN;
		break;
	case CLIENT_AGAIN:
	case CLIENT_UNKNOWN:
		slot_retry(s, reply, "result");
		return;
	case CLIENT_LOST:
		slot_lose(s, "lease lost");
		break;
	case CLIENT_OVER:
	case CLIENT_DENIED:
	case CLIENT_BAD:
	case CLIENT_STOPPED:
		slot_lose(s, reply->text);
		break;
	}
	slot_step(s);
}

void slot_send_result(struct slot *s)
{
	struct buf body = {0};
	struct json_writer w;
	json_writer_init(&w, &body, false);
	result_write(&w, &s->result);
	json_writer_finish(&w);
	bool last = s->daemon->once || s->daemon->stopping;
	char *path =
		last ? str_format("/result") : str_format("/result?next=%lld", (long long)s->number);
	struct client_request request = {
		.method = "POST",
		.path = path,
		.body = buf_view(&body),
		.done = on_result,
		.user = s,
	};
	s->busy = true;
	s->request = client_send(&s->daemon->client, &request);
	buf_finish(&body);
	free(path);
}
