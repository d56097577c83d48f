#include "coordinator/scan/page_store.h"

#include "coordinator/store/file_pack.h"
#include "coordinator/store/target.h"
#include "coordinator/verdict/verdict.h"

#include <stdlib.h>

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

struct page_facts {
	struct arena arena; /* the texts */
	struct buf pack;
	size_t files;
	struct str display, status, newest, validator;
	int64_t newest_date;
	int64_t serial;
	struct store_published_set published;
};

static struct str keep(struct page_facts *f, struct str text)
{
	return (struct str){arena_copy(&f->arena, text.p, text.n), text.n};
}

struct page_facts *page_facts_create(
	const struct project_page *page, size_t targets, const char *validator)
{
	struct page_facts *f = MEM_NEW(struct page_facts);
	f->files = page->files.n;
	file_pack_write(page->files.v, page->files.n, &f->pack);
	f->display = keep(f, page->display);
	f->status = keep(f, page->status);
	f->newest = keep(f, page->newest);
	f->validator = keep(f, str_from(validator));
	f->newest_date = page->newest_date;
	f->serial = page->serial;
	store_published_share(page->facts, targets, &f->arena, &f->published);
	return f;
}

void page_facts_destroy(struct page_facts *f)
{
	if (f != NULL) {
		buf_finish(&f->pack);
		arena_finish(&f->arena);
		free(f);
	}
}

static int write_facts(struct store *s, int64_t id, const struct page_write *w, struct err *e)
{
	const struct page_facts *f = w->facts;
	struct arena arena = {0};
	struct store_standing before;
	const struct store_scan scan = {
		.display = f->display,
		.status = f->status,
		.newest = f->newest,
		.newest_date = f->newest_date,
		.scanned = w->now,
		.etag = f->validator,
		.serial = f->serial,
		.night = w->night,
		.pack = buf_view(&f->pack),
		.file_count = f->files,
	};
	int code = store_standing_get(s, id, &arena, &before, e);
	if (code == 0) {
		code = store_package_scanned(s, id, &scan, e);
	}
	if (code == 0) {
		code = store_published_replace(s, id, &f->published, w->targets->ids, e);
	}
	if (code == 0) {
		code = verdict_page(s, id, &before, &f->published, w->targets->ids, w->now, e);
	}
	arena_finish(&arena);
	return code;
}

static int write_absent(struct store *s, int64_t id, const struct page_write *w, struct err *e)
{
	struct arena arena = {0};
	struct store_standing before;
	const struct store_published_set none = {0};
	int code = store_standing_get(s, id, &arena, &before, e);
	if (code == 0) {
		code = store_package_absent(s, id, w->night, w->now, e);
	}
	if (code == 0) {
		code = verdict_page(s, id, &before, &none, NULL, w->now, e);
	}
	arena_finish(&arena);
	return code;
}

/* A failed scan is noted beside what is known; nothing is made of a package nobody knows. */
static int write_problem(
	struct store *s, const struct page_write *w, const char *what, struct err *e)
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
		char *line = str_format("%s: %s", what, w->why);
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
	const struct page_write *w = user;
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
