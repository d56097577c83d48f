#include "coordinator/scan/scan_parts.h"
#include "core/base/clock.h"

#include <stdlib.h>

enum { SAME_BATCH = 2048 }; /* unchanged packages of one write */

struct same_batch {
	struct scan *scan;
	size_t *packages; /* their places in the list */
	size_t n;
	int64_t now;
};

static int write_same(struct store *store, void *user, struct err *e)
{
	struct same_batch *b = user;
	const struct scan *s = b->scan;
	struct store_mark *marks = mem_new(b->n + 1, sizeof(*marks));
	for (size_t i = 0; i < b->n; i++) {
		const struct package_item *p = &s->options.packages[b->packages[i]];
		const struct validator *known = &s->known[b->packages[i]];
		marks[i] = (struct store_mark){
			.package = known->package,
			.rank = known->ranked ? 0 : p->rank,
			.downloads = known->ranked ? -1 : p->downloads,
		};
	}
	int code = store_packages_unchanged(store, s->night, marks, b->n, b->now, e);
	free(marks);
	return code;
}

static void on_same_written(void *user, int code, const struct err *e)
{
	struct same_batch *b = user;
	struct scan *s = b->scan;
	if (code < 0) {
		s->counts.failed += b->n;
		scan_report(s, "unchanged packages", "not stored", e != NULL ? e->text : err_text(code));
	} else {
		s->counts.unchanged += b->n;
	}
	if (s->options.on_progress != NULL) {
		s->options.on_progress(s->options.user, &s->counts);
	}
	free(b->packages);
	free(b);
	s->open--;
	scan_pump(s);
}

void scan_write_same(struct scan *s)
{
	struct same_batch *b = MEM_NEW(struct same_batch);
	*b = (struct same_batch){
		.scan = s, .packages = s->same.v, .n = s->same.n, .now = clock_wall_ms()};
	s->same.v = NULL;
	vec_finish(&s->same);
	s->open++;
	int code = store_write_again(s->options.writer, write_same, on_same_written, b);
	if (code != 0) {
		on_same_written(b, code, NULL);
	}
}

void scan_same(struct scan *s, size_t at)
{
	*vec_add(&s->same) = at;
	if (s->same.n >= SAME_BATCH) {
		scan_write_same(s);
	}
}
