#include "core/io/loop.h"

#include "core/base/clock.h"
#include "core/base/mem.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { SECOND_SIGNAL_MS = 2000, EXIT_INTERRUPTED = 130 };
#ifdef SIGBREAK /* Windows has no SIGTERM to wait for */
enum { TERMINATE = SIGBREAK };
#else
enum { TERMINATE = SIGTERM };
#endif

static void on_signal(uv_signal_t *handle, int signal_number)
{
	struct loop_signals *s = handle->data;
	int64_t now = clock_steady_ms();
	if (s->first_ms != 0 && now - s->first_ms <= SECOND_SIGNAL_MS) {
		_exit(EXIT_INTERRUPTED);
	}
	s->first_ms = now != 0 ? now : 1;
	s->on_stop(s, signal_number);
}

static void on_asked(uv_async_t *handle)
{
	struct loop_signals *s = handle->data;
	s->on_stop(s, TERMINATE);
}

static int watch(uv_loop_t *loop, struct loop_signals *s, uv_signal_t *handle, int signal_number)
{
	int code = uv_signal_init(loop, handle);
	if (code < 0) {
		return code;
	}
	handle->data = s;
	s->open++;
	code = uv_signal_start(handle, on_signal, signal_number);
	/* Waiting for a signal alone must not keep a program alive that has nothing else to do. */
	uv_unref((uv_handle_t *)handle);
	return code;
}

int loop_signals_start(uv_loop_t *loop, struct loop_signals *s,
	void (*on_stop)(struct loop_signals *, int), void *user, struct err *e)
{
	*s = (struct loop_signals){.on_stop = on_stop, .user = user};
	int code = watch(loop, s, &s->interrupt, SIGINT);
	if (code == 0) {
		code = watch(loop, s, &s->terminate, TERMINATE);
	}
	if (code == 0) {
		code = uv_async_init(loop, &s->asked, on_asked);
	}
	if (code == 0) {
		s->asked.data = s;
		s->open++;
		uv_unref((uv_handle_t *)&s->asked);
	}
	if (code < 0) {
		loop_signals_stop(s);
		return err_set(e, code, "signals cannot be watched: %s", uv_strerror(code));
	}
	return 0;
}

static void on_signal_closed(uv_handle_t *handle)
{
	struct loop_signals *s = handle->data;
	s->open--;
}

void loop_signals_ask(struct loop_signals *s)
{
	uv_async_send(&s->asked);
}

void loop_signals_stop(struct loop_signals *s)
{
	/* A handle that was never opened has no loop's data in it. */
	if (s->interrupt.data == s && !uv_is_closing((uv_handle_t *)&s->interrupt)) {
		uv_close((uv_handle_t *)&s->interrupt, on_signal_closed);
	}
	if (s->terminate.data == s && !uv_is_closing((uv_handle_t *)&s->terminate)) {
		uv_close((uv_handle_t *)&s->terminate, on_signal_closed);
	}
	if (s->asked.data == s && !uv_is_closing((uv_handle_t *)&s->asked)) {
		uv_close((uv_handle_t *)&s->asked, on_signal_closed);
	}
}

struct later {
	uv_timer_t timer;
	void (*fn)(void *user);
	void *user;
};

static void on_later_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void on_later(uv_timer_t *timer)
{
	struct later *l = timer->data;
	uv_close((uv_handle_t *)timer, on_later_closed);
	l->fn(l->user);
}

void loop_after(uv_loop_t *loop, uint64_t ms, void (*fn)(void *user), void *user)
{
	struct later *l = MEM_NEW(struct later);
	l->fn = fn;
	l->user = user;
	uv_timer_init(loop, &l->timer);
	l->timer.data = l;
	/* The loop's idea of now may be old after long work; the wait counts from here. */
	uv_update_time(loop);
	uv_timer_start(&l->timer, on_later, ms, 0);
}

struct piece_of_work {
	uv_work_t request;
	void (*work)(void *user);
	void (*done)(void *user);
	void *user;
};

static void on_work(uv_work_t *request)
{
	struct piece_of_work *w = request->data;
	w->work(w->user);
}

static void on_work_done(uv_work_t *request, int status)
{
	struct piece_of_work *w = request->data;
	void (*done)(void *user) = w->done;
	void *user = w->user;
	free(w);
	if (done != NULL) {
		done(user);
	}
}

void loop_work(uv_loop_t *loop, void (*work)(void *user), void (*done)(void *user), void *user)
{
	struct piece_of_work *w = MEM_NEW(struct piece_of_work);
	w->request.data = w;
	w->work = work;
	w->done = done;
	w->user = user;
	int code = uv_queue_work(loop, &w->request, on_work, on_work_done);
	if (code < 0) {
		mem_bug("work cannot be queued: %s", uv_strerror(code));
	}
}
