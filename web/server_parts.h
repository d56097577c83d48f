/* The server's inside, for the files of this folder. */
#pragma once

#include "web/page_cache.h"
#include "web/readers.h"
#include "web/request.h"

/* A TCP connection, from accept to close. */
struct client {
	struct server *server;
	int fd;
	int64_t due; /* steady ms: cut it then; 0: the server works, or waits by its own limits */
	struct client *next;
	struct client **link;
};

/* Pages to be made, the oldest first. No more at once than there are processors: on one that two share,
 * each of them waits for the other's turns. */
struct request_jobs {
	struct request_job *first; /* that waits */
	struct request_job **last; /* where the next one goes, unless there is no first */
	unsigned working, most;
};

struct server {
	uv_loop_t *loop;
	struct MHD_Daemon *daemon;
	uv_poll_t poll; /* the daemon's epoll descriptor */
	uv_timer_t turn; /* what MHD_get_timeout asks for */
	uv_timer_t sweep; /* clients that are over their time */
	int open_handles;
	struct readers readers;
	struct page_cache pages;
	struct blob_store *blobs;
	struct queue *queue;
	struct store_writer *writer;
	char *admin_hashes[SERVER_ADMINS];
	struct buf certificate, key; /* PEM; empty: no TLS */
	char *python;
	int port;
	int receive_s; /* one request, from its first byte (or the answer before it) to its last */
	int send_s; /* one answer, and a second more for each 64 KiB of it */
	char *url;
	char *site; /* what people call it from outside, without a slash at its end */
	struct client *clients;
	struct request *suspended;
	struct request_jobs jobs;
	struct log_stream *streams; /* those that are held */
	size_t stream_count, streams_working;
	bool has_room; /* a connection was closed in this run */
	size_t body_bytes; /* of all requests that are not over */
	bool stopping;
	void (*done)(void *user);
	void *user;
};

enum {
	SERVER_IDLE_S = 35, /* no byte either way; longer than a lease request waits */
	SERVER_STREAMS = 256, /* growing logs that are held open; others ask again each second */
	SERVER_BODIES = 256 << 20, /* bytes of all bodies together; more are refused with 503 */
};

/* An answer of `size` bytes begins: the client must have it by then. */
void client_sending(struct client *c, uint64_t size);

/* An answer without an end begins: only silence ends it, and the daemon looks after that. */
void client_streaming(struct client *c);
/* The other side closed and sent nothing more, or the socket is broken. */
bool client_has_hung_up(const struct client *c);

/* The daemon's callbacks on requests. */
enum MHD_Result request_on_access(void *server, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **request);
void request_on_completed(void *server, struct MHD_Connection *connection, void **request,
	enum MHD_RequestTerminationCode why);

/* Ends the server once nothing is suspended. */
void server_try_finish(struct server *s);
/* Lets the daemon work soon. */
void server_wake(struct server *s);
