#include "coordinator/scan/workers.h"

#include <stdlib.h>

struct workers {
	struct workers_options options;
	uv_async_t wake; /* tells the loop of `over` and `roomy` */
	uv_mutex_t lock; /* guards all below and the lanes */
	uv_cond_t work;
	struct lane *oldest, *newest;
	struct lane *queue, **queue_end;
	struct lane *over, **over_end;
	size_t paused;
	uint64_t weight;
	bool stopping;
	uv_thread_t threads[];
};

static void over_reset(struct workers *w)
{
	w->over = NULL;
	w->over_end = &w->over;
}

static void enqueue(struct workers *w, struct lane *lane)
{
	lane->queued = true;
	lane->next = NULL;
	*w->queue_end = lane;
	w->queue_end = &lane->next;
	uv_cond_signal(&w->work);
}

static void dequeue(struct workers *w, struct lane *lane)
{
	struct lane **at = &w->queue;
	while (*at != lane) {
		at = &(*at)->next;
	}
	*at = lane->next;
	if (w->queue_end == &lane->next) {
		w->queue_end = at;
	}
	lane->queued = false;
}

/* The lane to go on with, or NULL. */
static struct lane *next_lane(struct workers *w)
{
	if (w->weight > w->options.weight_limit) {
		return w->oldest != NULL && w->oldest->queued ? w->oldest : NULL;
	}
	return w->queue;
}

/* True if the last piece of the lane was among them. */
static bool free_pieces(struct lane_piece *p)
{
	bool last = false;
	while (p != NULL) {
		struct lane_piece *next = p->next;
		last = p->last;
		free(p);
		p = next;
	}
	return last;
}

static void take_out(struct workers *w, struct lane *lane)
{
	*(lane->older != NULL ? &lane->older->newer : &w->oldest) = lane->newer;
	*(lane->newer != NULL ? &lane->newer->older : &w->newest) = lane->older;
}

/* Behind a turn of work, the lock held. */
static void settle(struct workers *w, struct lane *lane, bool over)
{
	lane->worked = false;
	if (over) {
		bool was_oldest = w->oldest == lane;
		take_out(w, lane);
		lane->next = NULL;
		*w->over_end = lane;
		w->over_end = &lane->next;
		uv_async_send(&w->wake);
		if (was_oldest) {
			uv_cond_broadcast(&w->work); /* the next oldest may go on over the limit */
		}
	} else if (lane->first != NULL) {
		enqueue(w, lane);
	} else if (lane->paused) {
		uv_async_send(&w->wake);
	}
}

static void thread_main(void *user)
{
	struct workers *w = user;
	uv_mutex_lock(&w->lock);
	while (true) {
		struct lane *lane = next_lane(w);
		if (lane == NULL) {
			if (w->stopping) {
				break;
			}
			uv_cond_wait(&w->work, &w->lock);
			continue;
		}
		dequeue(w, lane);
		struct lane_piece *pieces = lane->first;
		lane->first = NULL;
		lane->end = &lane->first;
		lane->backlog = 0;
		lane->worked = true;
		uv_mutex_unlock(&w->lock);
		w->options.work(lane, pieces);
		bool over = free_pieces(pieces);
		uv_mutex_lock(&w->lock);
		settle(w, lane, over);
	}
	uv_mutex_unlock(&w->lock);
}

/* A lane that waits for room and has it; the lock held. */
static struct lane *next_roomy(struct workers *w)
{
	struct lane *lane = w->paused != 0 ? w->oldest : NULL;
	while (lane != NULL && !(lane->paused && lane->first == NULL)) {
		lane = lane->newer;
	}
	if (lane != NULL) {
		lane->paused = false;
		w->paused--;
	}
	return lane;
}

static void on_wake(uv_async_t *async)
{
	struct workers *w = async->data;
	uv_mutex_lock(&w->lock);
	struct lane *over = w->over;
	over_reset(w);
	for (struct lane *l = over; l != NULL; l = l->next) {
		w->paused -= l->paused;
	}
	for (struct lane *l; (l = next_roomy(w)) != NULL;) {
		uv_mutex_unlock(&w->lock);
		w->options.on_room(l);
		uv_mutex_lock(&w->lock);
	}
	uv_mutex_unlock(&w->lock);
	while (over != NULL) {
		struct lane *next = over->next;
		w->options.on_over(over);
		over = next;
	}
}

struct workers *workers_create(uv_loop_t *loop, const struct workers_options *options)
{
	struct workers *w = mem_new(1, sizeof(*w) + options->threads * sizeof(*w->threads));
	w->options = *options;
	w->queue_end = &w->queue;
	over_reset(w);
	if (uv_mutex_init(&w->lock) != 0 || uv_cond_init(&w->work) != 0 ||
		uv_async_init(loop, &w->wake, on_wake) != 0) {
		mem_bug("no lock for workers");
	}
	w->wake.data = w;
	for (size_t i = 0; i < options->threads; i++) {
		if (uv_thread_create(&w->threads[i], thread_main, w) != 0) {
			mem_bug("no thread for a worker");
		}
	}
	return w;
}

static void on_closed(uv_handle_t *handle)
{
	struct workers *w = handle->data;
	uv_mutex_destroy(&w->lock);
	uv_cond_destroy(&w->work);
	free(w);
}

void workers_destroy(struct workers *w)
{
	if (w == NULL) {
		return;
	}
	uv_mutex_lock(&w->lock);
	w->stopping = true;
	uv_cond_broadcast(&w->work);
	uv_mutex_unlock(&w->lock);
	for (size_t i = 0; i < w->options.threads; i++) {
		uv_thread_join(&w->threads[i]);
	}
	if (w->oldest != NULL) {
		mem_bug("workers end with a lane open");
	}
	uv_close((uv_handle_t *)&w->wake, on_closed);
}

struct lane_piece *lane_piece_resize(struct lane_piece *p, size_t capacity)
{
	struct lane_piece *to = mem_resize(p, 1, sizeof(*to) + capacity);
	if (p == NULL) {
		*to = (struct lane_piece){0};
	}
	return to;
}

void workers_open(struct workers *w, struct lane *lane)
{
	lane->end = &lane->first;
	uv_mutex_lock(&w->lock);
	lane->older = w->newest;
	*(w->newest != NULL ? &w->newest->newer : &w->oldest) = lane;
	w->newest = lane;
	uv_mutex_unlock(&w->lock);
}

size_t workers_push(struct workers *w, struct lane *lane, struct lane_piece *piece)
{
	uv_mutex_lock(&w->lock);
	piece->next = NULL;
	*lane->end = piece;
	lane->end = &piece->next;
	lane->backlog += piece->n;
	size_t backlog = lane->backlog;
	if (!lane->queued && !lane->worked) {
		enqueue(w, lane);
	}
	uv_mutex_unlock(&w->lock);
	return backlog;
}

bool workers_pause(struct workers *w, struct lane *lane)
{
	uv_mutex_lock(&w->lock);
	bool wait = lane->first != NULL || lane->worked;
	if (wait && !lane->paused) {
		lane->paused = true;
		w->paused++;
	}
	uv_mutex_unlock(&w->lock);
	return wait;
}

void workers_weigh(struct workers *w, int64_t more)
{
	uv_mutex_lock(&w->lock);
	bool was_over = w->weight > w->options.weight_limit;
	w->weight += (uint64_t)more;
	if (was_over && w->weight <= w->options.weight_limit) {
		uv_cond_broadcast(&w->work);
	}
	uv_mutex_unlock(&w->lock);
}

uint64_t workers_weight(struct workers *w)
{
	uv_mutex_lock(&w->lock);
	uint64_t weight = w->weight;
	uv_mutex_unlock(&w->lock);
	return weight;
}
