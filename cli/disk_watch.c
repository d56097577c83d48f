#include "cli/disk_watch.h"

#include "core/base/mem.h"
#include "core/io/file.h"

enum { LOOK_MS = 2000 };

static void look(struct disk_watch *w)
{
	w->left = file_free_bytes(w->folder);
	if (w->left < 0) {
		return; /* nothing is known, so nothing changes */
	}
	bool low = w->left < (w->low ? w->least + w->least / 10 : w->least);
	if (low != w->low) {
		w->low = low;
		w->on_change(w);
	}
}

static void on_timer(uv_timer_t *timer)
{
	look(mem_container_of(timer, struct disk_watch, timer));
}

void disk_watch_start(uv_loop_t *loop, struct disk_watch *w, const char *folder, int64_t least,
	void (*on_change)(struct disk_watch *w), void *user)
{
	*w = (struct disk_watch){
		.folder = folder, .least = least, .left = -1, .on_change = on_change, .user = user};
	uv_timer_init(loop, &w->timer);
	uv_timer_start(&w->timer, on_timer, LOOK_MS, LOOK_MS);
	uv_unref((uv_handle_t *)&w->timer);
	look(w);
}

void disk_watch_stop(struct disk_watch *w)
{
	uv_close((uv_handle_t *)&w->timer, NULL);
}
