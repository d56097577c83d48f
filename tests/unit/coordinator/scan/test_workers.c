/* Lanes and workers: each lane in order and by one thread at a time, room is told, and over the limit
 * only the oldest goes on. */
#include "coordinator/scan/workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LANES = 40, PIECES = 200, LIMIT = 1000 };

struct one {
	struct lane lane;
	struct place *place;
	atomic_int inside;
	size_t seen; /* pieces */
	size_t pushed;
	bool over;
	int rooms;
};

struct place {
	uv_loop_t loop;
	struct workers *workers;
	struct one lanes[LANES];
	size_t ended;
	atomic_bool wrong;
	atomic_bool heavy; /* each piece weighs */
	atomic_int order; /* of lanes that end */
	int ended_at[LANES];
};

static void work(struct lane *lane, const struct lane_piece *pieces)
{
	struct one *o = lane->user;
	struct place *p = o->place;
	if (atomic_fetch_add(&o->inside, 1) != 0) {
		atomic_store(&p->wrong, true);
	}
	for (const struct lane_piece *piece = pieces; piece != NULL; piece = piece->next) {
		size_t number;
		memcpy(&number, piece->bytes, sizeof(number));
		if (number != o->seen || piece->n != sizeof(number)) {
			atomic_store(&p->wrong, true);
		}
		o->seen++;
		if (atomic_load(&p->heavy)) {
			workers_weigh(p->workers, LIMIT / 4);
		}
		if (piece->last) {
			p->ended_at[o - p->lanes] = atomic_fetch_add(&p->order, 1);
		}
	}
	atomic_fetch_sub(&o->inside, 1);
}

static void on_over(struct lane *lane)
{
	struct one *o = lane->user;
	assert_false(o->over);
	o->over = true;
	o->place->ended++;
}

static void on_room(struct lane *lane)
{
	struct one *o = lane->user;
	o->rooms++;
}

static void push(struct one *o, bool last)
{
	struct lane_piece *piece = lane_piece_resize(NULL, sizeof(o->pushed));
	memcpy(piece->bytes, &o->pushed, sizeof(o->pushed));
	piece->n = sizeof(o->pushed);
	piece->last = last;
	o->pushed++;
	workers_push(o->place->workers, &o->lane, piece);
}

static struct place *open_place(size_t threads)
{
	struct place *p = MEM_NEW(struct place);
	uv_loop_init(&p->loop);
	p->workers = workers_create(&p->loop,
		&(struct workers_options){.threads = threads,
			.weight_limit = LIMIT,
			.work = work,
			.on_over = on_over,
			.on_room = on_room});
	for (size_t i = 0; i < LANES; i++) {
		p->lanes[i].place = p;
		p->lanes[i].lane.user = &p->lanes[i];
		workers_open(p->workers, &p->lanes[i].lane);
	}
	return p;
}

static void close_place(struct place *p)
{
	while (p->ended < LANES) {
		uv_run(&p->loop, UV_RUN_ONCE);
	}
	workers_destroy(p->workers);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&p->loop), 0);
	assert_false(atomic_load(&p->wrong));
	for (size_t i = 0; i < LANES; i++) {
		assert_int_equal(p->lanes[i].seen, p->lanes[i].pushed);
	}
	free(p);
}

static void each_lane_in_order(void **state)
{
	struct place *p = open_place(4);
	for (size_t k = 0; k < PIECES; k++) {
		for (size_t i = 0; i < LANES; i++) {
			push(&p->lanes[i], k + 1 == PIECES);
		}
		uv_run(&p->loop, UV_RUN_NOWAIT);
	}
	close_place(p);
}

static void room_is_told_once(void **state)
{
	struct place *p = open_place(2);
	struct one *o = &p->lanes[3];
	int asked = 0;
	for (size_t k = 0; k < PIECES; k++) {
		push(o, false);
		if (o->rooms == asked && workers_pause(p->workers, &o->lane)) {
			asked++;
			while (o->rooms < asked) {
				uv_run(&p->loop, UV_RUN_ONCE);
			}
		}
	}
	assert_int_equal(o->rooms, asked);
	for (size_t i = 0; i < LANES; i++) {
		push(&p->lanes[i], true);
	}
	close_place(p);
}

/* Each piece weighs a quarter of the limit and nothing takes it off: from the fifth on only the oldest
 * lane may go on, so that they end in the order they were opened in. */
static void over_the_limit_the_oldest_goes_on(void **state)
{
	struct place *p = open_place(3);
	atomic_store(&p->heavy, true);
	workers_weigh(p->workers, LIMIT * 2);
	for (size_t i = LANES; i-- > 0;) {
		push(&p->lanes[i], false);
	}
	for (size_t i = LANES; i-- > 0;) {
		push(&p->lanes[i], true);
	}
	while (p->ended < LANES) {
		uv_run(&p->loop, UV_RUN_ONCE);
	}
	for (size_t i = 0; i < LANES; i++) {
		assert_int_equal(p->ended_at[i], i);
	}
	assert_int_equal(workers_weight(p->workers), LIMIT * 2 + LANES * 2 * (LIMIT / 4));
	close_place(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_lane_in_order),
		cmocka_unit_test(room_is_told_once),
		cmocka_unit_test(over_the_limit_the_oldest_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
