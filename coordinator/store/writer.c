#include "coordinator/store/writer.h"

#include "core/base/log.h"
#include "sql/checkpoint.h"

#include <stdlib.h>

/* A batch is one transaction: so many at most, that the first of them is not kept waiting. */
enum { BATCH = 512 };

struct waiter {
	uv_cond_t ended;
	bool done;
	int code;
	struct err err;
};

struct op {
	struct op *next;
	store_write_fn fn;
	uint64_t since; /* uv_hrtime of its coming */
	bool again; /* may be run a second time: see store_write_again */
	bool lazy; /* and may wait for others */
	store_done_fn done;
	void *user;
	struct waiter *waiter; /* of store_write_wait, on its stack */
	int code;
	struct err err;
};

struct op_list {
	struct op *first;
	struct op **last; /* where the next one is hung */
};

struct store_writer {
	struct store *store;
	struct sql_checkpoint *checkpoint;
	uv_loop_t *loop;
	uv_thread_t loop_thread;
	uv_thread_t thread;
	uv_async_t wake; /* tells the loop that `ended` has some, or that the thread is over */
	void (*closed)(void *user);
	void *closed_user;
	bool async_open; /* loop only */
	uv_mutex_t lock; /* guards all below */
	size_t under_way; /* writes the loop has not heard of yet */
	uv_cond_t work;
	struct op_list queued;
	struct op_list ended;
	uint64_t batch_since; /* of the oldest that is being written; 0: none is */
	size_t waiting;
	size_t hurried; /* of those, not lazy */
	bool stopping;
	bool over; /* the thread has nothing left to do */
};

static void list_reset(struct op_list *l)
{
	l->first = NULL;
	l->last = &l->first;
}

static void list_add(struct op_list *l, struct op *op)
{
	op->next = NULL;
	*l->last = op;
	l->last = &op->next;
}

static struct op *list_take(struct op_list *l)
{
	struct op *op = l->first;
	if (op != NULL) {
		l->first = op->next;
		if (l->first == NULL) {
			l->last = &l->first;
		}
	}
	return op;
}

static void fail_batch(struct op *first, int code, const struct err *e)
{
	for (struct op *op = first; op != NULL; op = op->next) {
		if (op->code >= 0) {
			op->code = code;
			op->err = *e;
		}
	}
}

static void run_alone(struct store *s, struct op *op)
{
	struct sql_db *db = store_sql(s);
	op->code = sql_savepoint(db, &op->err);
	if (op->code < 0) {
		return;
	}
	op->code = op->fn(s, op->user, &op->err);
	if (op->code < 0) {
		sql_undo(db);
		return;
	}
	int released = sql_release(db, &op->err);
	if (released < 0) {
		op->code = released;
	}
}

/* Without savepoints: what SQLite keeps to undo one of them costs more than most ops. False if one
 * failed after it had changed something: then nothing may be kept of this run. */
static bool run_together(struct store *s, struct op *first)
{
	struct sql_db *db = store_sql(s);
	for (struct op *op = first; op != NULL; op = op->next) {
		int64_t before = sql_changed_ever(db);
		op->code = op->fn(s, op->user, &op->err);
		if (op->code < 0 && sql_changed_ever(db) != before) {
			return false;
		}
	}
	return true;
}

static bool all_lazy(const struct op *first)
{
	bool lazy = true;
	for (const struct op *op = first; op != NULL; op = op->next) {
		lazy = lazy && op->lazy;
	}
	return lazy;
}

static void run_batch(struct store *s, struct op *first)
{
	struct err e = {0};
	int code = sql_sync_commits(store_sql(s), !all_lazy(first), &e);
	if (code == 0) {
		code = store_begin(s, &e);
	}
	bool done = code == 0 && first->again && run_together(s, first);
	if (code == 0 && first->again && !done) {
		store_rollback(s);
		code = store_begin(s, &e);
	}
	for (struct op *op = first; code == 0 && !done && op != NULL; op = op->next) {
		run_alone(s, op);
	}
	if (code == 0) {
		code = store_commit(s, &e);
	}
	if (code != 0) {
		log_error("store", "%s", e.text);
		fail_batch(first, code, &e);
	}
}

/* Takes up to BATCH ops of one sort off the queue; the lock is held. */
static struct op *take_batch(struct store_writer *w)
{
	struct op_list batch;
	list_reset(&batch);
	bool again = w->queued.first != NULL && w->queued.first->again;
	for (int i = 0; i < BATCH && w->queued.first != NULL && w->queued.first->again == again; i++) {
		struct op *op = list_take(&w->queued);
		w->waiting--;
		w->hurried -= op->lazy ? 0 : 1;
		list_add(&batch, op);
	}
	return batch.first;
}

/* Hands a batch back; the lock is held. */
static void give_back(struct store_writer *w, struct op *first)
{
	bool any = false;
	for (struct op *op = first; op != NULL;) {
		struct op *next = op->next;
		if (op->waiter != NULL) {
			op->waiter->code = op->code;
			op->waiter->err = op->err;
			op->waiter->done = true;
			uv_cond_signal(&op->waiter->ended);
			free(op);
		} else {
			list_add(&w->ended, op);
			any = true;
		}
		op = next;
	}
	if (any) {
		uv_async_send(&w->wake);
	}
}

/* Until there is something that should be done now; the lock is held. */
static void wait_for_work(struct store_writer *w)
{
	while (w->queued.first == NULL && !w->stopping) {
		uv_cond_wait(&w->work, &w->lock);
	}
	uint64_t end = uv_hrtime() + (uint64_t)STORE_WRITER_LAZY_MS * 1000000;
	for (uint64_t now;
		 w->hurried == 0 && w->waiting < BATCH && !w->stopping && (now = uv_hrtime()) < end;) {
		uv_cond_timedwait(&w->work, &w->lock, end - now);
	}
}

static void thread_main(void *user)
{
	struct store_writer *w = user;
	uv_mutex_lock(&w->lock);
	while (true) {
		wait_for_work(w);
		struct op *batch = take_batch(w);
		if (batch == NULL) {
			break;
		}
		w->batch_since = batch->since;
		uv_mutex_unlock(&w->lock);
		run_batch(w->store, batch);
		sql_checkpoint_step(w->checkpoint);
		uv_mutex_lock(&w->lock);
		w->batch_since = 0;
		give_back(w, batch);
	}
	w->over = true;
	uv_async_send(&w->wake);
	uv_mutex_unlock(&w->lock);
}

static void on_closed(uv_handle_t *handle)
{
	struct store_writer *w = handle->data;
	void (*closed)(void *) = w->closed;
	void *user = w->closed_user;
	uv_mutex_destroy(&w->lock);
	uv_cond_destroy(&w->work);
	free(w);
	if (closed != NULL) {
		closed(user);
	}
}

static void on_wake(uv_async_t *async)
{
	struct store_writer *w = async->data;
	uv_mutex_lock(&w->lock);
	struct op *op = w->ended.first;
	list_reset(&w->ended);
	bool over = w->over;
	uv_mutex_unlock(&w->lock);
	size_t told = 0;
	while (op != NULL) {
		struct op *next = op->next;
		if (op->done != NULL) {
			op->done(op->user, op->code, &op->err);
		} else if (op->code < 0) {
			log_error("store", "%s", op->err.text);
		}
		free(op);
		told++;
		op = next;
	}
	uv_mutex_lock(&w->lock);
	w->under_way -= told;
	bool busy = w->under_way != 0 || w->stopping;
	uv_mutex_unlock(&w->lock);
	if (over && w->async_open) {
		w->async_open = false;
		uv_thread_join(&w->thread);
		sql_checkpoint_stop(w->checkpoint);
		store_close(w->store);
		uv_close((uv_handle_t *)&w->wake, on_closed);
	} else if (busy) {
		uv_ref((uv_handle_t *)&w->wake);
	} else {
		uv_unref((uv_handle_t *)&w->wake);
	}
}

int store_writer_start(uv_loop_t *loop, struct store *s, struct store_writer **out, struct err *e)
{
	*out = NULL;
	struct store_writer *w = MEM_NEW(struct store_writer);
	w->store = s;
	w->loop = loop;
	w->loop_thread = uv_thread_self();
	list_reset(&w->queued);
	list_reset(&w->ended);
	int code = sql_checkpoint_start(store_sql(s), &w->checkpoint, e);
	if (code != 0) {
		free(w);
		return code;
	}
	if (uv_mutex_init(&w->lock) != 0 || uv_cond_init(&w->work) != 0) {
		mem_bug("no mutex");
	}
	code = uv_async_init(loop, &w->wake, on_wake);
	if (code != 0) {
		goto failed;
	}
	w->wake.data = w;
	w->async_open = true;
	uv_unref((uv_handle_t *)&w->wake);
	code = uv_thread_create(&w->thread, thread_main, w);
	if (code != 0) {
		w->async_open = false;
		sql_checkpoint_stop(w->checkpoint);
		uv_close((uv_handle_t *)&w->wake, on_closed);
		return err_set(e, code, "writer thread: %s", uv_strerror(code));
	}
	*out = w;
	return 0;

failed:
	sql_checkpoint_stop(w->checkpoint);
	uv_mutex_destroy(&w->lock);
	uv_cond_destroy(&w->work);
	free(w);
	return err_set(e, code, "writer: %s", uv_strerror(code));
}

static int enqueue(struct store_writer *w, struct op *op)
{
	uv_mutex_lock(&w->lock);
	int code = w->stopping ? ERR_CANCELLED : w->waiting >= STORE_WRITER_QUEUE ? ERR_BUSY : 0;
	if (code == 0) {
		op->since = uv_hrtime();
		list_add(&w->queued, op);
		w->waiting++;
		w->hurried += op->lazy ? 0 : 1;
		w->under_way += op->waiter == NULL ? 1 : 0;
		uv_cond_signal(&w->work);
	}
	uv_mutex_unlock(&w->lock);
	return code;
}

static int write_later(struct store_writer *w, const struct op *wanted)
{
	struct op *op = MEM_NEW(struct op);
	*op = *wanted;
	int code = enqueue(w, op);
	if (code != 0) {
		free(op);
		return code;
	}
	uv_thread_t self = uv_thread_self();
	if (uv_thread_equal(&self, &w->loop_thread)) {
		uv_ref((uv_handle_t *)&w->wake);
	} else {
		uv_async_send(&w->wake);
	}
	return 0;
}

int store_write(struct store_writer *w, store_write_fn fn, store_done_fn done, void *user)
{
	return write_later(w, &(struct op){.fn = fn, .done = done, .user = user});
}

int store_write_again(struct store_writer *w, store_write_fn fn, store_done_fn done, void *user)
{
	return write_later(w, &(struct op){.fn = fn, .done = done, .user = user, .again = true});
}

int store_write_lazy(struct store_writer *w, store_write_fn fn, store_done_fn done, void *user)
{
	return write_later(
		w, &(struct op){.fn = fn, .done = done, .user = user, .again = true, .lazy = true});
}

int store_write_wait(struct store_writer *w, store_write_fn fn, void *user, struct err *e)
{
	struct waiter waiter = {0};
	if (uv_cond_init(&waiter.ended) != 0) {
		mem_bug("no condition");
	}
	struct op *op = MEM_NEW(struct op);
	op->fn = fn;
	op->user = user;
	op->waiter = &waiter;
	int code = enqueue(w, op);
	if (code != 0) {
		free(op);
		uv_cond_destroy(&waiter.ended);
		return err_set(e, code, "the database's writer %s", code == ERR_BUSY ? "is busy" : "ends");
	}
	uv_mutex_lock(&w->lock);
	while (!waiter.done) {
		uv_cond_wait(&waiter.ended, &w->lock);
	}
	uv_mutex_unlock(&w->lock);
	uv_cond_destroy(&waiter.ended);
	if (waiter.code < 0) {
		err_set(e, waiter.code, "%s", waiter.err.text);
	}
	return waiter.code;
}

int64_t store_writer_behind_ms(struct store_writer *w)
{
	uv_mutex_lock(&w->lock);
	uint64_t since = w->batch_since != 0 ? w->batch_since
		: w->queued.first != NULL        ? w->queued.first->since
										 : 0;
	uv_mutex_unlock(&w->lock);
	return since != 0 ? (int64_t)((uv_hrtime() - since) / 1000000) : 0;
}

void store_writer_stop(struct store_writer *w, void (*closed)(void *user), void *user)
{
	w->closed = closed;
	w->closed_user = user;
	uv_ref((uv_handle_t *)&w->wake);
	uv_mutex_lock(&w->lock);
	w->stopping = true;
	uv_cond_signal(&w->work);
	uv_mutex_unlock(&w->lock);
}
