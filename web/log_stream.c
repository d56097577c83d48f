#include "web/log_stream.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/io/loop.h"
#include "coordinator/store/log.h"
#include "coordinator/store/view.h"
#include "reports/visible.h"
#include "web/server_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
	EVENT_BYTES = 256 << 10, /* of the log at once */
	LINE_COLUMNS = 2000,
	HEARTBEAT_MS = 10000,
	BLOCK = 16 << 10,
};

struct log_stream {
	struct server *server;
	struct client *client;
	struct MHD_Connection *connection;
	int64_t job;
	int64_t from; /* the byte of the log behind the last event */
	struct buf out; /* events; while `working` they are the worker's */
	size_t sent;
	int64_t last; /* steady ms of the last event or comment */
	bool more; /* the log had more than was taken */
	bool ended; /* `out` has the last event */
	bool held; /* one of the server's list */
	bool waits; /* the connection is suspended */
	bool working; /* a worker has it */
	bool hung_up; /* the client has: nothing need be sent */
	bool gone; /* the daemon is done with it: whoever works frees it */
	struct log_stream *next;
	struct log_stream **link;
};

/* --- events, on a worker --- */

static void add_event(struct log_stream *l, struct str line, size_t bytes)
{
	l->from += (int64_t)bytes;
	buf_printf(&l->out, "id: %lld\nevent: line\ndata: ", (long long)l->from);
	/* A carriage return would end the field. */
	struct str plain = str_ends(line, "\r") ? str_slice(line, 0, line.n - 1) : line;
	visible_add_cut(&l->out, plain, VISIBLE_LOG, LINE_COLUMNS);
	buf_add_text(&l->out, "\n\n");
}

/* Whole lines only: the rest of a line that is still being written comes when it is whole, or with
 * `all`. A line that is longer than one piece goes in pieces, as else nothing would ever come after it. */
static void add_events(struct log_stream *l, struct str text, bool all)
{
	struct str rest = text;
	if (text.n >= EVENT_BYTES && str_find(text, '\n') < 0) {
		add_event(l, text, text.n);
		return;
	}
	for (ptrdiff_t end = str_find(rest, '\n'); end >= 0; end = str_find(rest, '\n')) {
		add_event(l, str_slice(rest, 0, (size_t)end), (size_t)end + 1);
		rest = str_slice(rest, (size_t)end + 1, rest.n);
	}
	if (all && rest.n != 0) {
		add_event(l, rest, rest.n);
	}
}

static void add_end(struct log_stream *l)
{
	buf_add_text(&l->out, "event: end\ndata: the job does not run\n\n");
	l->ended = true;
}

static bool is_running(const struct job_view *v)
{
	return v->build.job_state != NULL && strcmp(v->build.job_state, "leased") == 0;
}

/* What has come behind l->from; when the job is over, all of it and the end. */
static void add_more(struct log_stream *l, const struct job_view *v)
{
	struct buf text = {0};
	struct err ignored; /* no log yet, or none any more: nothing to tell */
	store_log_read(l->server->blobs, &v->log, l->from, l->from + EVENT_BYTES, &text, &ignored);
	l->more = text.n >= EVENT_BYTES;
	bool over = !is_running(v) && !l->more;
	add_events(l, buf_view(&text), over);
	if (over) {
		add_end(l);
	}
	buf_finish(&text);
}

int log_stream_open(struct server *server, struct store *s, int64_t job, int64_t from,
	struct log_stream **out, struct err *e)
{
	struct job_view v = {0};
	int code = store_job_view(s, job, &v, e);
	if (code == 0) {
		struct log_stream *l = MEM_NEW(struct log_stream);
		*l = (struct log_stream){.server = server, .job = job, .from = from};
		buf_add_text(&l->out, "retry: 1000\n\n");
		if (is_running(&v)) {
			add_more(l, &v);
		} else {
			add_end(l); /* its page has the log, whole */
		}
		*out = l;
	}
	job_view_finish(&v);
	return code;
}

void log_stream_close(struct log_stream *l)
{
	if (l != NULL) {
		buf_finish(&l->out);
		free(l);
	}
}

static void look(void *user)
{
	struct log_stream *l = user;
	struct store *s;
	struct job_view v = {0};
	if (readers_take(&l->server->readers, &s, NULL) != 0) {
		return; /* the next turn may have more luck */
	}
	if (store_job_view(s, l->job, &v, NULL) == 0) {
		add_more(l, &v);
	} else {
		add_end(l);
	}
	job_view_finish(&v);
	readers_give(&l->server->readers, s);
}

/* --- the connection, on the loop --- */

static void wake(struct log_stream *l)
{
	l->waits = false;
	l->last = clock_steady_ms();
	mhd()->resume_connection(l->connection);
	server_wake(l->server);
}

static void looked(void *user)
{
	struct log_stream *l = user;
	l->working = false;
	l->server->streams_working--;
	server_wake(l->server); /* which may wait for this to stop */
	if (l->gone) {
		log_stream_close(l);
		return;
	}
	if (l->out.n == 0 && clock_steady_ms() - l->last >= HEARTBEAT_MS) {
		buf_add_text(&l->out, ": still running\n\n");
	}
	if (l->out.n != 0 || l->server->stopping) {
		wake(l);
	}
}

static void start_look(struct log_stream *l)
{
	l->working = true;
	l->server->streams_working++;
	loop_work(l->server->loop, look, looked, l);
}

/* The daemon asks for more of the answer. */
static ssize_t give(void *user, uint64_t position, char *out, size_t most)
{
	struct log_stream *l = user;
	size_t left = l->out.n - l->sent;
	if (l->hung_up) {
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	if (left != 0) {
		size_t n = left < most ? left : most;
		memcpy(out, l->out.p + l->sent, n);
		l->sent += n;
		return (ssize_t)n;
	}
	if (l->ended || !l->held || l->server->stopping) {
		return MHD_CONTENT_READER_END_OF_STREAM;
	}
	buf_clear(&l->out);
	l->sent = 0;
	l->waits = true;
	mhd()->suspend_connection(l->connection);
	if (l->more) {
		start_look(l);
	}
	return 0;
}

/* The daemon is done with the answer. */
static void finish(void *user)
{
	struct log_stream *l = user;
	if (l->held) {
		*l->link = l->next;
		if (l->next != NULL) {
			l->next->link = l->link;
		}
		l->server->stream_count--;
	}
	l->gone = true;
	if (!l->working) {
		log_stream_close(l);
	}
}

struct MHD_Response *log_stream_response(
	struct log_stream *l, struct client *client, struct MHD_Connection *connection)
{
	struct server *s = l->server;
	struct MHD_Response *response =
		mhd()->create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, give, l, finish);
	if (response == NULL) {
		log_stream_close(l);
		return NULL;
	}
	l->client = client;
	l->connection = connection;
	l->last = clock_steady_ms();
	if (s->stream_count < SERVER_STREAMS) {
		l->held = true;
		l->next = s->streams;
		l->link = &s->streams;
		if (l->next != NULL) {
			l->next->link = &l->next;
		}
		s->streams = l;
		s->stream_count++;
	}
	return response;
}

void log_streams_tick(struct server *s)
{
	for (struct log_stream *l = s->streams; l != NULL; l = l->next) {
		if (!l->waits || l->working) {
			continue;
		}
		if (client_has_hung_up(l->client)) {
			l->hung_up = true;
			wake(l);
		} else {
			start_look(l);
		}
	}
}

void log_streams_stop(struct server *s)
{
	for (struct log_stream *l = s->streams; l != NULL; l = l->next) {
		if (l->waits && !l->working) {
			wake(l);
		}
	}
}
