/* One request from its first line to its answer. It belongs to the loop's thread; a worker has it
 * alone between request_work and its end. Freed by the server when the daemon is done with it. */
#pragma once

#include "core/base/mem.h"
#include "web/reply.h"
#include "web/server.h"

struct route;
struct store;
struct client;

struct query_value {
	const char *name;
	const char *value;
};
enum { REQUEST_QUERY_MAX = 16 };

struct request {
	struct server *server;
	struct MHD_Connection *connection;
	struct client *client;
	struct arena arena; /* of everything below that is text */
	const struct route *route;
	const char *path;
	int form; /* enum route_form that the path asks for */
	const char *argument; /* what the route's first {} stands for, "" if it has none */
	const char *second; /* the same of its second {} */
	const char *if_none_match; /* headers that pages read; NULL if absent */
	const char *last_event;
	bool accepts_gzip;
	struct query_value query[REQUEST_QUERY_MAX];
	size_t query_count;
	const char *query_wrong; /* a sentence why no page takes the query; NULL: nothing */
	void *prepared; /* in `arena`: what a page took on the loop for its worker; NULL: nothing */
	struct buf body;
	bool body_too_large;
	bool refused; /* its head was enough to say no: `reply` says why, the body is dropped */
	struct reply reply;
	bool started; /* its handler was called */
	bool replied; /* `reply` is complete */
	bool suspended; /* waits for request_reply */
	bool gone; /* the client hung up while it waited */

	/* For handlers that wait long: called on the loop when the client hung up (looked at once a
	 * second) or the server stops. After it nothing else of the handler may touch the request. */
	void (*cancel)(struct request *r);
	struct queue_agent *agent; /* of routes that need a token */
	struct queue_wait *wait;
	struct request *next; /* of those the server has suspended */
	struct request **link;
};

/* A value of the query string, NULL if absent. */
const char *request_query(const struct request *r, const char *name);
/* The same as a whole number; false if it is there and is none. Absent leaves *out. */
bool request_query_int(const struct request *r, const char *name, int64_t *out);
/* True if the parameter, if it is there, has so many characters at most. */
bool request_query_fits(const struct request *r, const char *name, size_t most);

/* The answer is in r->reply: sends it, now or by waking the connection. Once a request. */
void request_reply(struct request *r);
/* An error in the form that the route has: page, JSON or text. Fills r->reply only. */
void request_error(struct request *r, int status, const char *sentence);

/* Runs `work` on the pool; it fills r->reply; then the answer goes out. */
void request_work(struct request *r, void (*work)(struct request *r));
