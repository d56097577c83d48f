#include "coordinator/scan/page_store.h"

#include "coordinator/store/file_pack.h"
#include "coordinator/store/target.h"
#include "coordinator/verdict/verdict.h"

int page_write_targets(struct store *s, void *user, struct err *e)
{
	struct page_targets *targets = user;
	for (size_t i = 0; i < targets->set->n; i++) {
		const struct recipe_target *t = &targets->set->v[i];
		struct store_target row = {
			.name = t->pep.name,
			.python = t->job.python,
			.free_threaded = t->pep.free_threaded,
			.platform = t->job.platform,
			.family = t->family,
		};
		int code = store_target_put(s, &row, e);
		if (code != 0) {
			return code;
		}
		targets->ids[i] = row.id;
	}
	return 0;
}

void page_write_prepare(struct page_write *w)
{
	file_pack_write(w->page->files.v, w->page->files.n, &w->pack);
}

void page_write_finish(struct page_write *w)
{
	buf_finish(&w->pack);
}

static int write_facts(struct store *s, int64_t id, struct page_write *w, struct err *e)
{
	struct project_page *p = w->page;
	struct arena arena = {0};
	struct store_standing before;
	size_t count = w->targets->set->n;
	const struct store_scan scan = {
		.display = p->display,
		.status = p->status,
		.newest = p->newest,
		.newest_date = p->newest_date,
		.scanned = w->now,
		.etag = str_from(w->etag),
		.serial = p->serial,
		.night = w->night,
		.pack = buf_view(&w->pack),
		.file_count = p->files.n,
	};
	int code = store_standing_get(s, id, &arena, &before, e);
	if (code == 0) {
		code = store_package_scanned(s, id, &scan, e);
	}
	for (size_t i = 0; i < count; i++) {
		p->facts[i].target = w->targets->ids[i];
	}
	if (code == 0) {
		code = store_published_replace(s, id, p->facts, count, e);
	}
	if (code == 0) {
		code = verdict_page(s, id, &before, p->facts, count, w->now, e);
	}
	arena_finish(&arena);
	return code;
}

static int write_absent(struct store *s, int64_t id, const struct page_write *w, struct err *e)
{
	struct arena arena = {0};
	struct store_standing before;
	int code = store_standing_get(s, id, &arena, &before, e);
	if (code == 0) {
		code = store_package_absent(s, id, w->night, w->now, e);
	}
	if (code == 0) {
		code = verdict_page(s, id, &before, NULL, 0, w->now, e);
	}
	arena_finish(&arena);
	return code;
}

/* A failed scan is noted beside what is known; nothing is made of a package nobody knows. */
static int write_problem(struct store *s, struct page_write *w, const char *what, struct err *e)
{
	struct arena arena = {0};
	struct store_package known;
	int code = store_package_get(s, str_from(w->package->name), &arena, &known, NULL);
	if (code == ERR_NOT_FOUND && w->kind == PAGE_WRITE_FAILED) {
		code = 0;
		goto out;
	}
	int64_t id;
	code = store_package_put(
		s, str_from(w->package->name), w->package->rank, w->package->downloads, &id, e);
	if (code == 0) {
		char *line = str_format("%s: %s", what, w->page->err.text);
		int64_t night = w->kind == PAGE_WRITE_BAD ? w->night : 0;
		code = store_package_problem(s, id, night, line, e);
		free(line);
	}
out:
	arena_finish(&arena);
	return code;
}

int page_write(struct store *s, void *user, struct err *e)
{
	struct page_write *w = user;
	if (w->kind == PAGE_WRITE_BAD) {
		return write_problem(s, w, "bad page", e);
	}
	if (w->kind == PAGE_WRITE_FAILED) {
		return write_problem(s, w, "unreachable", e);
	}
	int64_t id;
	int code = store_package_put(
		s, str_from(w->package->name), w->package->rank, w->package->downloads, &id, e);
	if (code != 0) {
		return code;
	}
	if (w->kind == PAGE_WRITE_UNCHANGED) {
		const struct store_mark mark = {.package = id, .downloads = -1};
		return store_packages_unchanged(s, w->night, &mark, 1, w->now, e);
	}
	return w->kind == PAGE_WRITE_ABSENT ? write_absent(s, id, w, e) : write_facts(s, id, w, e);
}
