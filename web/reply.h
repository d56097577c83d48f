/* An answer before it is sent: made on any thread, sent by the loop's. */
#pragma once

#include "core/base/str.h"
#include "web/mhd.h"

struct client;
struct log_stream;

enum reply_cache {
	REPLY_REVALIDATE, /* may be kept, must be asked for: pages, by ETag */
	REPLY_NEVER, /* the agents' API */
	REPLY_FOREVER, /* addresses that name their content */
};

struct reply {
	int status;
	const char *type; /* a literal; NULL: no body */
	struct buf body; /* owned */
	const void *fixed; /* instead of body: bytes that live for ever */
	size_t fixed_size;
	int file; /* instead of both: a descriptor, owned; -1: none */
	uint64_t file_size;
	struct log_stream *stream; /* instead of all: an answer that grows, owned; NULL: none */
	enum reply_cache cache;
	char location[1024]; /* redirect, "" if none */
	const char *allow; /* of a 405; a literal */
	int retry_after; /* seconds; 0: none */
	bool gzip; /* body or fixed is packed */
	char etag[40]; /* "" if none */
};

void reply_init(struct reply *r);
void reply_finish(struct reply *r);
/* Drops what was said so far: an error takes its place. */
void reply_clear(struct reply *r);

/* Packs the body if that is worth it and `accepts_gzip`, gives it an ETag, answers 304 if the client has
 * it (`if_none_match` may be NULL). For worker threads: packing and hashing take time. */
void reply_pack(struct reply *r, const char *if_none_match, bool accepts_gzip);

/* True if the client has what r->etag names: the answer is a 304 without a body then. */
bool reply_not_modified(struct reply *r, const char *if_none_match);

/* True if an Accept-Encoding header (may be NULL) takes gzip (RFC 9110, 12.5.3). */
bool reply_accepts_gzip(const char *accept_encoding);

/* Hands it to the daemon with all the headers every answer has. The body becomes the daemon's. */
enum MHD_Result reply_send(
	struct reply *r, struct client *client, struct MHD_Connection *connection);
