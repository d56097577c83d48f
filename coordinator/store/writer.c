#include "coordinator/store/writer.h"

#include "core/base/log.h"

#include <stdlib.h>

enum { BACKLOG_LIMIT = 10000, GROUP_LIMIT = 256 };

struct piece {
	struct piece *next;
	store_write_fn *fn;
	store_done_fn *done;
	void *user;
	int code;
	struct err err;
	uv_sem_t *waiter; /* of store_write_wait, else NULL */
};

struct pieces {
	struct piece *first;
	struct piece **last;
	size_t n;
};

struct store_writer {
	struct store *store;
	uv_thread_t thread;
	uv_mutex_t mutex; /* guards waiting, finished, stopping */
	uv_cond_t wake;
	struct pieces waiting;
	struct pieces finished; /* to be told on the loop */
	bool stopping;
	uv_async_t tell;
	void (*closed)(void *user);
	void *closed_user;
};

static void pieces_init(struct pieces *p)
{
	*p = (struct pieces){.last = &p->first};
}

static void pieces_add(struct pieces *p, struct piece *piece)
{
	piece->next = NULL;
	*p->last = piece;
	p->last = &piece->next;
	p->n++;
}

static struct piece *pieces_take(struct pieces *p)
{
	struct piece *piece = p->first;
	if (piece != NULL) {
		p->first = piece->next;
		p->n--;
		if (p->first == NULL) {
			p->last = &p->first;
		}
	}
	return piece;
}

/* One piece in a savepoint of the open transaction. */
static void run_piece(struct store_writer *w, struct piece *piece)
{
	struct sql_db *sql = store_sql(w->store);
	piece->code = sql_run(sql, "SAVEPOINT piece", &piece->err);
	if (piece->code < 0) {
		return;
	}
	piece->code = piece->fn(w->store, piece->user, &piece->err);
	if (piece->code < 0) {
		sql_run(sql, "ROLLBACK TO piece", NULL);
	}
	struct err released;
	int code = sql_run(sql, "RELEASE piece", &released);
	if (code < 0 && piece->code >= 0) {
		piece->code = code;
		piece->err = released;
	}
}

/* A group in one transaction; if it cannot begin or commit, every piece of it failed. */
static void run_group(struct store_writer *w, struct pieces *group)
{
	struct sql_db *sql = store_sql(w->store);
	struct err failed = {0};
	int code = sql_run(sql, "BEGIN IMMEDIATE", &failed);
	if (code == 0) {
		for (struct piece *piece = group->first; piece != NULL; piece = piece->next) {
			run_piece(w, piece);
		}
		code = sql_run(sql, "COMMIT", &failed);
	}
	if (code < 0) {
		sql_run(sql, "ROLLBACK", NULL);
		log_error("store", "%s", failed.text);
		for (struct piece *piece = group->first; piece != NULL; piece = piece->next) {
			piece->code = code;
			piece->err = failed;
		}
	}
}

static void writer_main(void *user)
{
	struct store_writer *w = user;
	uv_mutex_lock(&w->mutex);
	while (!w->stopping || w->waiting.n != 0) {
		if (w->waiting.n == 0) {
			uv_cond_wait(&w->wake, &w->mutex);
			continue;
		}
		struct pieces group;
		pieces_init(&group);
		while (w->waiting.n != 0 && group.n < GROUP_LIMIT) {
			pieces_add(&group, pieces_take(&w->waiting));
		}
		uv_mutex_unlock(&w->mutex);
		run_group(w, &group);
		uv_mutex_lock(&w->mutex);
		for (struct piece *piece; (piece = pieces_take(&group)) != NULL;) {
			if (piece->waiter != NULL) {
				uv_sem_post(piece->waiter);
			} else {
				pieces_add(&w->finished, piece);
			}
		}
		uv_async_send(&w->tell);
	}
	uv_mutex_unlock(&w->mutex);
}

/* On the loop: what is on disk is told, in the order it was written. */
static void tell_finished(struct store_writer *w)
{
	for (;;) {
		uv_mutex_lock(&w->mutex);
		struct piece *piece = pieces_take(&w->finished);
		uv_mutex_unlock(&w->mutex);
		if (piece == NULL) {
			return;
		}
		if (piece->done != NULL) {
			piece->done(piece->user, piece->code, &piece->err);
		}
		free(piece);
	}
}

static void on_tell(uv_async_t *async)
{
	tell_finished(mem_container_of(async, struct store_writer, tell));
}

int store_writer_create(uv_loop_t *loop, const char *path, struct store_writer **out, struct err *e)
{
	*out = NULL;
	struct store *store = NULL;
	int code = store_open(path, STORE_WRITE, &store, e);
	if (code < 0) {
		return code;
	}
	struct store_writer *w = MEM_NEW(struct store_writer);
	w->store = store;
	pieces_init(&w->waiting);
	pieces_init(&w->finished);
	if (uv_mutex_init(&w->mutex) != 0 || uv_cond_init(&w->wake) != 0 ||
		uv_async_init(loop, &w->tell, on_tell) != 0 ||
		uv_thread_create(&w->thread, writer_main, w) != 0) {
		mem_bug("the writer's thread could not start");
	}
	/* Waiting for work does not keep a loop alive; whoever expects a `done` does. */
	uv_unref((uv_handle_t *)&w->tell);
	*out = w;
	return 0;
}

static int add_piece(struct store_writer *w, struct piece *piece)
{
	uv_mutex_lock(&w->mutex);
	bool full = w->waiting.n >= BACKLOG_LIMIT;
	if (!full) {
		pieces_add(&w->waiting, piece);
		uv_cond_signal(&w->wake);
	}
	uv_mutex_unlock(&w->mutex);
	return full ? ERR_BUSY : 0;
}

int store_write(struct store_writer *w, store_write_fn *fn, store_done_fn *done, void *user)
{
	struct piece *piece = MEM_NEW(struct piece);
	*piece = (struct piece){.fn = fn, .done = done, .user = user};
	int code = add_piece(w, piece);
	if (code < 0) {
		free(piece);
	}
	return code;
}

int store_write_wait(struct store_writer *w, store_write_fn *fn, void *user, struct err *e)
{
	uv_sem_t waiter;
	if (uv_sem_init(&waiter, 0) != 0) {
		mem_bug("no semaphore");
	}
	struct piece piece = {.fn = fn, .user = user, .waiter = &waiter};
	int code = add_piece(w, &piece);
	if (code < 0) {
		err_set(e, code, "the database's writer is behind");
	} else {
		uv_sem_wait(&waiter);
		code = piece.code;
		if (code < 0 && e != NULL) {
			*e = piece.err;
		}
	}
	uv_sem_destroy(&waiter);
	return code;
}

size_t store_writer_backlog(struct store_writer *w)
{
	uv_mutex_lock(&w->mutex);
	size_t n = w->waiting.n;
	uv_mutex_unlock(&w->mutex);
	return n;
}

static void on_closed(uv_handle_t *handle)
{
	struct store_writer *w = mem_container_of((uv_async_t *)handle, struct store_writer, tell);
	uv_cond_destroy(&w->wake);
	uv_mutex_destroy(&w->mutex);
	if (w->closed != NULL) {
		w->closed(w->closed_user);
	}
	free(w);
}

void store_writer_destroy(struct store_writer *w, void (*closed)(void *user), void *user)
{
	uv_mutex_lock(&w->mutex);
	w->stopping = true;
	uv_cond_signal(&w->wake);
	uv_mutex_unlock(&w->mutex);
	uv_thread_join(&w->thread);
	tell_finished(w);
	store_close(w->store);
	w->closed = closed;
	w->closed_user = user;
	uv_close((uv_handle_t *)&w->tell, on_closed);
}
