/* One page between its first byte and its facts. The loop gives the bytes as they came; a worker
 * unpacks them, reads and judges the page. */
#pragma once

#include "coordinator/scan/page_store.h"
#include "coordinator/scan/validator.h"
#include "coordinator/scan/workers.h"
#include "core/io/fetch.h"

#include <stdatomic.h>

enum page_outcome {
	PAGE_DROPPED, /* nobody wants it */
	PAGE_READ, /* with its facts */
	PAGE_SAME, /* what is stored already */
	PAGE_GONE, /* the folder has none */
	PAGE_BAD, /* page.err says why */
	PAGE_UNREADABLE, /* of a folder: page.err says why */
};

struct page_reader;

enum { PAGE_SPARES = 4 };

/* What a page is unpacked with and into; handed on from page to page. */
struct page_room {
	struct inflate *inflate;
	struct buf text;
	struct store_file *files;
	size_t file_capacity;
};

/* What all readers of a scan share. */
struct page_readers {
	struct workers *workers;
	const struct target_set *targets;
	const struct scope *scope;
	const char *fingerprint;
	const char *folder; /* NULL: bytes come over the network */
	uv_mutex_t large; /* who reads a large page */
	_Atomic(struct page_room *) spare[PAGE_SPARES]; /* that nobody uses now */
	/* on the loop; page_reader_destroy is the callback's, or of whom it gives the reader to */
	void (*on_read)(void *user, struct page_reader *r);
};

struct page_reader {
	struct lane lane;
	struct page_readers *all;
	void *user;
	const struct validator *known;
	struct project_page page;
	bool packed; /* the bytes are gzip */
	struct page_room *room; /* a worker's, while it reads */
	struct sha256 *hash; /* of the bytes, where the server gives no better validator */
	struct lane_piece *filling; /* the loop's: not yet a worker's */
	size_t capacity; /* of that */
	bool pushed; /* a piece was a worker's already */
	char *etag;
	int64_t serial; /* of the response's header, 0: none */
	uint64_t weight; /* decoded bytes, as the workers weigh them */
	struct page_facts *facts; /* of PAGE_READ, to be stored */
	enum page_outcome outcome;
	bool dropped;
	atomic_bool refused; /* the rest is not wanted: the page is bad */
};

enum { PAGE_BYTES = 128 << 20 }; /* of one page, decoded or not, at most */

/* After the options of it are set, and behind the last reader. */
void page_readers_init(struct page_readers *all);
void page_readers_finish(struct page_readers *all);

/* A page over the network: its first response. `known` must stay until the end. */
struct page_reader *page_reader_open(struct page_readers *all, const char *name,
	const struct validator *known, const struct fetch_response *response, void *user);
/* A page of the folder; nothing else is to be said of it. */
struct page_reader *page_reader_folder(
	struct page_readers *all, const char *name, const struct validator *known, void *user);

/* Returns how many bytes wait for a worker; ERR_CANCELLED if the rest is not wanted. */
int64_t page_reader_feed(struct page_reader *r, struct str bytes);
/* All is here: on_read comes. */
void page_reader_end(struct page_reader *r);
/* It is not wanted: on_read comes with PAGE_DROPPED. */
void page_reader_drop(struct page_reader *r);

/* From any thread, and more than once: frees what the page holds; its error stays. */
void page_reader_release(struct page_reader *r);
void page_reader_destroy(struct page_reader *r);

/* For struct workers_options. */
void page_reader_work(struct lane *lane, const struct lane_piece *pieces);
void page_reader_over(struct lane *lane);
