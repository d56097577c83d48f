/* Threads that work on lanes: a lane is a line of pieces (bytes of one page) that come from the loop
 * and are worked on in order, by one thread at a time. What is worked on has a weight (bytes of pages
 * that are not stored yet); over the limit only the lane that was opened first goes on, so that memory
 * is bounded whatever the pages are. */
#pragma once

#include "core/base/mem.h"

#include <stdbool.h>
#include <uv.h>

struct lane_piece {
	struct lane_piece *next;
	size_t n;
	bool last; /* nothing comes behind it */
	char bytes[];
};

/* A member of what the lane is for; zeroed before workers_open. For workers.c alone but `user`. */
struct lane {
	void *user;
	struct lane *older, *newer; /* of the open ones */
	struct lane *next; /* in the queue, or among those that are over */
	struct lane_piece *first, **end;
	size_t backlog;
	bool queued, worked, paused;
};

struct workers_options {
	size_t threads;
	uint64_t weight_limit;
	/* On a worker's thread: all pieces that are there. They are freed behind it. */
	void (*work)(struct lane *lane, const struct lane_piece *pieces);
	/* On the loop: the lane's last piece was worked on, its memory is the callback's. */
	void (*on_over)(struct lane *lane);
	/* On the loop: a lane that workers_pause was said of has room again. */
	void (*on_room)(struct lane *lane);
};

struct workers;
struct workers *workers_create(uv_loop_t *loop, const struct workers_options *options);
/* No lane may be open. The memory goes when the loop has run on. */
void workers_destroy(struct workers *w);

/* A new one (NULL), or the same with another room; mem.h frees. */
struct lane_piece *lane_piece_resize(struct lane_piece *p, size_t capacity);
/* From the loop. The piece is the workers' then. Behind the last piece the lane is the workers' until
 * on_over. Returns the bytes that wait in the lane. */
void workers_open(struct workers *w, struct lane *lane);
size_t workers_push(struct workers *w, struct lane *lane, struct lane_piece *piece);
/* on_room comes once, when the lane has nothing left to do; not if that is so now (false). */
bool workers_pause(struct workers *w, struct lane *lane);

/* From any thread: what is in memory of pages. */
void workers_weigh(struct workers *w, int64_t more);
uint64_t workers_weight(struct workers *w);
