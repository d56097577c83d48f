/* A growing log to one client, as server-sent events (HTML Living Standard, 9.2): the answer stays open.
 * Each line is an event "line" whose id is the byte behind it, so that a client that comes again with
 * Last-Event-ID goes on there; the job's end is an event "end", and the last one; where nothing happens
 * a comment says that somebody is still there. Once a second a worker looks for more.
 *
 * At most SERVER_STREAMS are held. Another one gets what is there, and asks again by itself. */
#pragma once

#include "web/mhd.h"

#include "core/base/err.h"

#include <stdint.h>

struct client;
struct log_stream;
struct server;
struct store;

/* On a worker: what is there of the job's log behind byte `from`. ERR_NOT_FOUND. */
int log_stream_open(struct server *server, struct store *s, int64_t job, int64_t from,
	struct log_stream **out, struct err *e);
/* Before it became a response; NULL is fine. */
void log_stream_close(struct log_stream *l);

/* On the loop: the answer, which owns the stream from here on. */
struct MHD_Response *log_stream_response(
	struct log_stream *l, struct client *client, struct MHD_Connection *connection);

/* On the loop, once a second: looks for more, and for clients that went away. */
void log_streams_tick(struct server *server);
/* The server stops: none waits any more. */
void log_streams_stop(struct server *server);
