#include "coordinator/scan/page_store.h"

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

static int write_facts(struct store *s, int64_t id, struct page_write *w, struct err *e)
{
	struct project_page *p = w->page;
	const struct store_scan scan = {
		.display = p->display,
		.status = p->status,
		.newest = p->newest,
		.newest_date = p->newest_date,
		.scanned = w->now,
		.etag = str_from(w->etag),
		.serial = p->serial,
		.files = p->files.v,
		.file_count = p->files.n,
	};
	int code = store_package_scanned(s, id, &scan, e);
	for (size_t i = 0; code == 0 && i < w->targets->set->n; i++) {
		p->facts[i].target = w->targets->ids[i];
		code = store_published_put(s, id, &p->facts[i], e);
	}
	return code == 0 ? verdict_refresh(s, id, w->now, e) : code;
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
		code = store_package_problem(s, id, line, e);
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
		return store_package_unchanged(s, id, w->now, e);
	}
	if (w->kind == PAGE_WRITE_ABSENT) {
		code = store_package_absent(s, id, w->now, e);
		return code == 0 ? verdict_refresh(s, id, w->now, e) : code;
	}
	return write_facts(s, id, w, e);
}
