/* The one thread that writes: it owns the writing connection and puts many queued writes into one
 * transaction (synchronous=FULL); one that fails takes no other with it. What was acknowledged is on
 * the disk, but for lazy writes. */
#pragma once

#include "coordinator/store/store.h"

#include <uv.h>

struct store_writer;

/* Runs on the writer's thread. What it returns is what `done` gets; negative rolls back its own
 * changes only. It must not begin or commit. */
typedef int (*store_write_fn)(struct store *s, void *user, struct err *e);
/* Runs on the loop's thread after the commit. `e` has the sentence if code is negative. */
typedef void (*store_done_fn)(void *user, int code, const struct err *e);

enum { STORE_WRITER_QUEUE = 65536 };

/* Takes `s` (opened STORE_WRITE), which is closed at the end. The writer keeps the loop alive only
 * while writes are under way. */
int store_writer_start(uv_loop_t *loop, struct store *s, struct store_writer **out, struct err *e);

/* From any thread. ERR_BUSY if STORE_WRITER_QUEUE writes wait (then `done` never comes),
 * ERR_CANCELLED after store_writer_stop. `done` may be NULL. Writes run in the order given. */
int store_write(struct store_writer *w, store_write_fn fn, store_done_fn done, void *user);

/* The same for small writes that come by the thousand: no savepoint each, so `fn` must bear to be
 * run a second time, from the start, after all it changed was undone (another one of its transaction
 * failed half-way). */
int store_write_again(struct store_writer *w, store_write_fn fn, store_done_fn done, void *user);

/* The same as store_write_again for those who are in no hurry: it waits up to STORE_WRITER_LAZY_MS for
 * others to share its transaction, unless one that is in a hurry comes. Once `done` it survives this
 * process, and the machine from the next write on that is not lazy: for what can be asked for again. */
int store_write_lazy(struct store_writer *w, store_write_fn fn, store_done_fn done, void *user);
enum { STORE_WRITER_LAZY_MS = 20 };

/* The same as store_write, for worker threads and short commands: returns when it is committed or
 * failed. Never on the loop's thread of a server: it waits for the disk. */
int store_write_wait(struct store_writer *w, store_write_fn fn, void *user, struct err *e);

/* For how long, in ms, the oldest write has waited that is not committed yet; 0 if none is. From any
 * thread. */
int64_t store_writer_behind_ms(struct store_writer *w);

/* Does what is queued (their `done` still come), ends the thread, closes the store and then calls
 * `closed` (may be NULL) on the loop; the writer is freed after that. The loop must run. */
void store_writer_stop(struct store_writer *w, void (*closed)(void *user), void *user);
