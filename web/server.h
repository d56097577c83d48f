/* The HTTP server of the farm on the loop of its owner: the dashboard, its JSON, and the agents'
 * API. One thread owns all of its state (the loop's); pages are rendered on libuv's pool, each with
 * a read-only connection of its own.
 *
 * The daemon is libmicrohttpd without threads: its epoll descriptor is watched by the loop. HTTP/1.1,
 * in clear on addresses of this machine alone, else with TLS. */
#pragma once

#include "coordinator/queue/queue.h"
#include "core/io/blob_store.h"

#include <uv.h>

struct server;

enum { SERVER_ADMINS = 2 };

struct server_options {
	const char *address; /* numeric IPv4 or IPv6; NULL: 127.0.0.1 */
	int port; /* 0: any free one, server_port tells which */
	const char *database; /* path, opened read-only by each reader */
	struct blob_store *blobs; /* logs, uploads, patches; must outlive the server */
	struct queue *queue; /* NULL: no agents' API (503), pages only */
	struct store_writer *writer; /* for the audit log; NULL: no administrators' API (503) */
	/* SHA-256 in hex of the tokens that administrators have; NULL: none */
	const char *admin_hashes[SERVER_ADMINS];
	/* PEM files: the chain, the key. Both or neither; without them only a loopback address. */
	const char *tls_certificate;
	const char *tls_key;
	const char *site; /* its public address, for feeds and badges; NULL: server_url */
	const char *python; /* of the default targets, "cp313"; NULL: unknown */
	int receive_s; /* a request, from its first byte to its last; 0: 60 */
	int send_s; /* an answer, and a second more for each 64 KiB of it; 0: 60 */
	int connections; /* at most this many at once, half of them from one address; 0: 4096 */
};

/* Listens. All option strings are copied. On error (port taken, address not ours, database not
 * there) *out is NULL and the sentence says what to do. */
int server_start(
	uv_loop_t *loop, const struct server_options *o, struct server **out, struct err *e);

/* What it listens on: the port, and "https://[::1]:8080/" for people. Valid until closed. */
int server_port(const struct server *s);
const char *server_url(const struct server *s);

/* Stops listening at once, ends waiting requests, lets running pages finish, then frees itself and
 * calls `done` (may be NULL) on the loop. Call it before the queue is destroyed. */
void server_stop(struct server *s, void (*done)(void *user), void *user);
