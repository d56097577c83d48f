/* The log limit of a child's output: the head passes at once, of the rest a tail is kept and passed
 * at the end, behind a line that says what was cut. */
#pragma once

#include "core/base/str.h"

struct process_log {
	uint64_t head_left; /* bytes that may still pass */
	size_t tail_size;
	struct buf tail; /* a ring once it is full: the oldest byte is at `oldest` */
	size_t oldest;
	uint64_t cut;
	char last; /* the last byte passed */
	void (*pass)(void *user, struct str piece); /* may be NULL */
	void *user;
};
void process_log_init(struct process_log *l, uint64_t limit,
	void (*pass)(void *user, struct str piece), void *user); /* limit 0: 16 MiB */
void process_log_add(struct process_log *l, struct str piece);
void process_log_end(struct process_log *l); /* passes the rest, frees */
