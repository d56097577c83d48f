#include "core/io/process_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LIMIT = 16 << 20, TAIL = 1 << 20, LONGEST_LINE = 4096 };

void process_log_init(
	struct process_log *l, uint64_t limit, void (*pass)(void *user, struct str piece), void *user)
{
	limit = limit != 0 ? limit : LIMIT;
	*l = (struct process_log){.pass = pass, .user = user, .last = '\n'};
	l->tail_size = limit / 4 < TAIL ? (size_t)(limit / 4) : TAIL;
	l->tail_size = l->tail_size != 0 ? l->tail_size : 1;
	l->head_left = limit > l->tail_size ? limit - l->tail_size : 0;
}

static void pass(struct process_log *l, struct str piece)
{
	if (piece.n == 0) {
		return;
	}
	l->last = piece.p[piece.n - 1];
	if (l->pass != NULL) {
		l->pass(l->user, piece);
	}
}

static void keep(struct process_log *l, struct str piece)
{
	if (piece.n > l->tail_size) {
		l->cut += piece.n - l->tail_size;
		piece = str_slice(piece, piece.n - l->tail_size, piece.n);
	}
	size_t room = l->tail_size - l->tail.n;
	buf_add_str(&l->tail, str_slice(piece, 0, room));
	piece = str_slice(piece, room, piece.n);
	l->cut += piece.n;
	while (piece.n != 0) {
		struct str part = str_slice(piece, 0, l->tail_size - l->oldest);
		memcpy(l->tail.p + l->oldest, part.p, part.n);
		l->oldest = (l->oldest + part.n) % l->tail_size;
		piece = str_slice(piece, part.n, piece.n);
	}
}

void process_log_add(struct process_log *l, struct str piece)
{
	struct str head = str_slice(piece, 0, l->head_left < piece.n ? (size_t)l->head_left : piece.n);
	l->head_left -= head.n;
	pass(l, head);
	keep(l, str_slice(piece, head.n, piece.n));
}

void process_log_end(struct process_log *l)
{
	struct buf rest = {0};
	struct str whole = buf_view(&l->tail);
	buf_add_str(&rest, str_slice(whole, l->oldest, whole.n));
	buf_add_str(&rest, str_slice(whole, 0, l->oldest));
	struct str tail = buf_view(&rest);
	if (l->cut != 0) {
		/* The tail starts with a whole line, if lines are of a sane length. */
		ptrdiff_t line = str_find(str_slice(tail, 0, LONGEST_LINE), '\n');
		if (line >= 0) {
			l->cut += (uint64_t)line + 1;
			tail = str_slice(tail, (size_t)line + 1, tail.n);
		}
		char mark[64];
		snprintf(mark, sizeof(mark), "%s[… %" PRIu64 " bytes cut …]\n", l->last == '\n' ? "" : "\n",
			l->cut);
		pass(l, str_from(mark));
	}
	pass(l, tail);
	buf_finish(&rest);
	buf_finish(&l->tail);
}
