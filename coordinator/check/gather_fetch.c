#include "coordinator/check/gather_parts.h"

#include "coordinator/inspect/remote_sdist.h"
#include "coordinator/inspect/remote_wheel.h"
#include "coordinator/scan/folder.h"
#include "coordinator/solve/requires_text.h"
#include "coordinator/store/file_pack.h"
#include "coordinator/store/requires.h"
#include "core/base/clock.h"
#include "core/io/sha256.h"

#include <stdio.h>
#include <stdlib.h>

enum { PARALLEL = 24, PAGE_MOST = 128 << 20, TIMEOUT_MS = 120 * 1000 };

static void pump(struct gather *g);

static void fail(struct gather *g, int code, const char *what, const char *why)
{
	if (g->code == 0) {
		g->code = err_set(&g->err, code, "%s: %s", what, why);
	}
}

static struct universe_version *version_of(const struct gather_item *item)
{
	return &item->gather->u->packages.v[item->want.package].versions[item->want.version];
}

static struct universe_wheel *wheel_of(const struct gather_item *item)
{
	return &version_of(item)->wheels[item->want.wheel];
}

struct gathered *gather_package_of(const struct gather_item *item)
{
	struct gather *g = item->gather;
	return map_get(&g->packages, g->u->packages.v[item->want.package].name);
}

/* The file whose metadata is wanted; NULL: its page was stored, and is another by now. */
static const struct store_file *file_of(const struct gather_item *item)
{
	struct gathered *p = gather_package_of(item);
	const struct universe_wheel *w = wheel_of(item);
	unsigned char key[UNIVERSE_KEY];
	const struct store_file *files = gather_files_whole(item->gather, p);
	const struct store_file *file = w->file < p->count ? &files[w->file] : NULL;
	bool same = file != NULL && universe_file_key(file, key) == w->keyed &&
		(!w->keyed || memcmp(key, w->key, sizeof(key)) == 0);
	return same ? file : NULL;
}

void gather_end_item(struct gather_item *item)
{
	struct gather *g = item->gather;
	*(item->previous != NULL ? &item->previous->next : &g->open) = item->next;
	if (item->next != NULL) {
		item->next->previous = item->previous;
	}
	buf_finish(&item->requires);
	free(item);
	g->done++;
	if (g->options.on_progress != NULL) {
		g->options.on_progress(g->options.user, g->done, g->wants.n);
	}
	pump(g);
}

/* --- pages --- */

struct page_writing {
	struct page_write write;
	struct page_facts *facts;
	struct package_item package;
};

static int write_page(struct store *s, void *user, struct err *e)
{
	struct page_writing *w = user;
	int code = page_write_targets(s, (struct page_targets *)w->write.targets, e);
	return code == 0 ? page_write(s, &w->write, e) : code;
}

static void on_page_written(void *user, int code, const struct err *e)
{
	struct page_writing *w = user;
	page_facts_destroy(w->facts);
	free(w);
}

/* What was found of a package is kept; that it fails is no reason to give no answer. */
static void keep_page(struct gather *g, struct gathered *p, enum page_write_kind kind,
	const struct project_page *page, const char *etag)
{
	if (g->writer == NULL) {
		return;
	}
	struct page_writing *w = MEM_NEW(struct page_writing);
	if (page != NULL) {
		const char *text = validator_text(g->fingerprint, "", etag, &g->arena);
		w->facts = page_facts_create(page, g->options.targets->n, text);
	}
	w->package = (struct package_item){.name = p->name, .downloads = -1};
	w->write = (struct page_write){
		.kind = kind,
		.facts = w->facts,
		.package = &w->package,
		.targets = &g->targets,
		.now = clock_wall_ms(),
	};
	if (store_write_lazy(g->writer, write_page, on_page_written, w) != 0) {
		on_page_written(w, 0, NULL);
	}
}

static void tell_absent(struct gather_item *item)
{
	struct gathered *p = gather_package_of(item);
	p->told = p->absent = true;
	gathered_tell(item->gather, p, item->gather->u, item->want.package, NULL, 0);
	keep_page(item->gather, p, PAGE_WRITE_ABSENT, NULL, NULL);
}

/* A page that is none tells nothing of the package. */
static void take_page(
	struct gather_item *item, struct project_page *page, int code, const char *etag)
{
	struct gather *g = item->gather;
	struct gathered *p = gather_package_of(item);
	if (code != 0) {
		g->u->packages.v[item->want.package].state = UNIVERSE_UNREACHED;
		fail(g, code, p->name, page->err.text);
		return;
	}
	project_page_judge(page, g->options.targets, g->options.scope);
	p->told = true;
	p->files = page->files.v;
	p->count = page->files.n;
	gathered_tell(g, p, g->u, item->want.package, p->files, p->count);
	keep_page(g, p, PAGE_WRITE_FACTS, page, etag);
}

static struct project_page *new_page(struct gather_item *item)
{
	struct project_page *page = MEM_NEW(struct project_page);
	project_page_init(page, gather_package_of(item)->name);
	*vec_add(&item->gather->pages) = page;
	return page;
}

/* The page is the one that is stored. */
static bool take_same(struct gather_item *item)
{
	struct gathered *p = gather_package_of(item);
	struct gather *g = item->gather;
	bool same = p->etag != NULL && gathered_tell_stored(g, p, g->u, item->want.package);
	if (same) {
		keep_page(g, p, PAGE_WRITE_UNCHANGED, NULL, NULL);
	}
	return same;
}

static void on_page(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct gather_item *item = user;
	struct gather *g = item->gather;
	if (code == 0 && r->status == 200) {
		struct project_page *page = new_page(item);
		if (project_page_begin(page, r) == 0) {
			buf_add_str(&page->text, body);
		}
		take_page(item, page, project_page_end(page), r->etag);
	} else if (code == 0 && r->status == 304 && take_same(item)) {
		/* what is stored holds */
	} else if (code == 0 && (r->status == 404 || r->status == 410)) {
		tell_absent(item);
	} else {
		char status[48];
		snprintf(status, sizeof(status), "HTTP status %ld", code == 0 ? r->status : 0);
		g->u->packages.v[item->want.package].state = UNIVERSE_UNREACHED;
		fail(g, code != 0 ? code : ERR_HTTP, gather_package_of(item)->name,
			code != 0 ? e->text : status);
	}
	gather_end_item(item);
}

static void begin_page(struct gather_item *item)
{
	struct gather *g = item->gather;
	char *url = str_format("%s%s/", g->index.url, gather_package_of(item)->name);
	const char *etag = gather_package_of(item)->etag;
	char *condition = etag != NULL ? str_format("If-None-Match: %s", etag) : NULL;
	const char *headers[4] = {project_page_accept};
	size_t n = 1;
	if (g->index.auth != NULL) {
		headers[n++] = g->index.auth;
	}
	headers[n] = condition;
	const struct fetch_request request = {
		.url = url,
		.headers = headers,
		.limit = PAGE_MOST,
		.timeout_ms = TIMEOUT_MS,
		.on_end = on_page,
		.user = item,
	};
	item->transfer = fetch_start(g->fetch, &request);
	free(condition);
	free(url);
}

static void read_folder(struct gather_item *item)
{
	const char *etag = "";
	struct project_page *page = new_page(item);
	int code = folder_page_read(item->gather->index.folder, NULL, page, &etag, &page->err);
	if (code == ERR_NOT_FOUND) {
		tell_absent(item);
	} else {
		take_page(item, page, code == 0 ? project_page_end(page) : code, "");
	}
	gather_end_item(item);
}

/* --- metadata --- */

static int write_requires(struct store *s, void *user, struct err *e)
{
	const struct gather_item *item = user;
	return store_requires_put(s, item->key, str_from(item->package), buf_view(&item->requires), e);
}

static void on_requires_written(void *user, int code, const struct err *e)
{
	struct gather_item *kept = user;
	buf_finish(&kept->requires);
	free(kept->package);
	free(kept);
}

void gather_keep_requires(struct gather_item *item)
{
	struct gather *g = item->gather;
	if (g->writer == NULL) {
		return;
	}
	struct gather_item *kept = MEM_NEW(struct gather_item);
	memcpy(kept->key, item->key, UNIVERSE_KEY);
	kept->requires = item->requires;
	kept->package = str_dup(g->u->packages.v[item->want.package].name);
	item->requires = (struct buf){0};
	if (store_write_lazy(g->writer, write_requires, on_requires_written, kept) != 0) {
		on_requires_written(kept, 0, NULL);
	}
}

static void take_metadata(struct gather_item *item, struct str metadata)
{
	struct gather *g = item->gather;
	struct err e = {0};
	struct str name = g->u->packages.v[item->want.package].name;
	int code = requires_text_write(metadata, name, version_of(item)->text, &item->requires, &e);
	if (code == 0) {
		wheel_of(item)->requires = universe_requires(g->u, buf_view(&item->requires));
		if (wheel_of(item)->keyed) {
			memcpy(item->key, wheel_of(item)->key, UNIVERSE_KEY);
			gather_keep_requires(item);
		}
	} else {
		wheel_of(item)->requires = universe_requires_bad(g->u, e.text);
	}
}

/* What the index promised and does not have is a fact about the wheel; else nothing is concluded. */
static void take_failure(struct gather_item *item, int code, const char *why)
{
	struct gather *g = item->gather;
	if (code == ERR_NOT_FOUND || code == ERR_HASH_MISMATCH || code == ERR_TOO_LARGE ||
		code == ERR_INVALID) {
		wheel_of(item)->requires = universe_requires_bad(g->u, why);
		return;
	}
	char *what = str_dup(file_of(item)->filename);
	fail(g, code, what, why);
	free(what);
}

static void on_remote(void *user, int code, struct remote_wheel_result *result, const struct err *e)
{
	struct gather_item *item = user;
	if (code == 0) {
		take_metadata(item, result->report.metadata);
		wheel_report_finish(&result->report);
	} else {
		take_failure(item, code, e->text);
	}
	gather_end_item(item);
}

bool gather_sends_auth(const struct gather *g, struct str url)
{
	return g->index.auth != NULL && str_starts(url, g->index.url);
}

static void begin_ranges(struct gather_item *item)
{
	const struct store_file *file = file_of(item);
	struct gather *g = item->gather;
	char *url = str_dup(file->url);
	const char *headers[2] = {g->index.auth};
	const struct remote_wheel_options options = {
		.loop = g->options.loop,
		.fetch = g->fetch,
		.url = url,
		.headers = gather_sends_auth(g, file->url) ? headers : NULL,
		.expect = {.file_name = file->filename},
		.depth = WHEEL_HEADERS,
		.on_end = on_remote,
		.user = item,
	};
	item->transfer = NULL;
	item->remote = remote_wheel_start(&options);
	free(url);
}

static bool has_hash(struct str bytes, struct str hex)
{
	unsigned char digest[SHA256_BYTES];
	char text[SHA256_HEX];
	sha256_of(bytes, digest);
	sha256_hex(digest, text);
	return str_is(hex, text);
}

static void on_metadata(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct gather_item *item = user;
	const struct store_file *file = file_of(item);
	/* A folder's files have no status. */
	bool is_file = str_starts(file->url, "file:");
	if (code == 0 && (r->status == 200 || is_file)) {
		if (!has_hash(body, file->metadata_sha256)) {
			take_failure(item, ERR_HASH_MISMATCH, "its metadata has another hash (PEP 658)");
		} else {
			take_metadata(item, body);
		}
		gather_end_item(item);
	} else if (code == 0 && r->status == 404) {
		begin_ranges(item);
	} else {
		char status[48];
		snprintf(status, sizeof(status), "HTTP status %ld", code == 0 ? r->status : 0);
		take_failure(item, code != 0 ? code : ERR_HTTP, code != 0 ? e->text : status);
		gather_end_item(item);
	}
}

static void begin_metadata(struct gather_item *item)
{
	const struct store_file *file = file_of(item);
	struct gather *g = item->gather;
	if (file == NULL) {
		fail(g, ERR_CONFLICT, gather_package_of(item)->name, "its stored page changed meanwhile");
		gather_end_item(item);
		return;
	}
	if (!sha256_hex_valid(file->metadata_sha256)) {
		begin_ranges(item);
		return;
	}
	char *url = str_format("%.*s.metadata", STR_ARG(file->url));
	const char *headers[2] = {g->index.auth};
	const struct fetch_request request = {
		.url = url,
		.headers = gather_sends_auth(g, file->url) ? headers : NULL,
		.limit = REQUIRES_METADATA_MOST,
		.timeout_ms = TIMEOUT_MS,
		.allow_file = g->index.folder != NULL,
		.on_end = on_metadata,
		.user = item,
	};
	item->transfer = fetch_start(g->fetch, &request);
	free(url);
}

/* --- all of them --- */

/* Wheels that were made here come behind the page's own. */
static bool is_built(const struct gather_item *item)
{
	struct gathered *p = gather_package_of(item);
	return p->built_count != 0 && gather_files_whole(item->gather, p) != NULL &&
		wheel_of(item)->file >= p->count;
}

static void begin(struct gather *g, struct gather_want want)
{
	struct gather_item *item = MEM_NEW(struct gather_item);
	*item = (struct gather_item){.gather = g, .want = want, .next = g->open};
	if (g->open != NULL) {
		g->open->previous = item;
	}
	g->open = item;
	if (want.kind == GATHER_SDIST || (want.kind == GATHER_METADATA && is_built(item))) {
		gather_begin_sdist(item);
	} else if (want.kind == GATHER_METADATA) {
		begin_metadata(item);
	} else if (g->index.folder != NULL) {
		read_folder(item);
	} else {
		begin_page(item);
	}
}

static void pump(struct gather *g)
{
	if (g->pumping) {
		return;
	}
	g->pumping = true;
	while (g->begun < g->wants.n && g->begun - g->done < PARALLEL && g->code != ERR_CANCELLED) {
		begin(g, g->wants.v[g->begun++]);
	}
	g->pumping = false;
}

static int compare_wants(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct gather_want));
}

/* The same may be asked for by several targets. */
static void drop_doubles(struct gather *g)
{
	size_t n = 0;
	qsort(g->wants.v, g->wants.n, sizeof(*g->wants.v), compare_wants);
	for (size_t i = 0; i < g->wants.n; i++) {
		if (n == 0 || compare_wants(&g->wants.v[n - 1], &g->wants.v[i]) != 0) {
			g->wants.v[n++] = g->wants.v[i];
		}
	}
	g->wants.n = n;
}

void gather_fetch(struct gather *g)
{
	if (g->fetch == NULL) {
		char *agent = str_format("wheelfarm/%s%s%s%s", WHEELFARM_VERSION,
			g->options.contact != NULL ? " (" : "",
			g->options.contact != NULL ? g->options.contact : "",
			g->options.contact != NULL ? ")" : "");
		g->fetch = fetch_create(g->options.loop,
			&(struct fetch_options){.user_agent = agent,
				.ca_file = g->index.ca_file,
				.proxy = g->index.proxy,
				.max_connections = 8});
		free(agent);
		g->writer =
			g->options.begin_writing != NULL ? g->options.begin_writing(g->options.user) : NULL;
	}
	drop_doubles(g);
	g->begun = g->done = 0;
	pump(g);
	while (g->open != NULL) {
		uv_run(g->options.loop, UV_RUN_ONCE);
	}
}

void gather_stop(struct gather *g)
{
	for (struct gather_item *item = g->open, *next; item != NULL; item = next) {
		next = item->next;
		if (item->remote != NULL) {
			remote_wheel_cancel(item->remote);
		} else if (item->sdist != NULL) {
			remote_sdist_cancel(item->sdist);
		} else if (item->transfer != NULL) {
			fetch_cancel(item->transfer);
		}
	}
}
