/* The least that reading an index can cost: the same requests with libcurl, the same bytes inflated
 * and tokenised by the same libraries as the scanner has them, nothing kept. As many threads as there are processors, one
 * connection each, the transfers of a thread side by side on it.
 *
 * usage: floor STAGE URLS [option…]
 *   STAGE            fetch, inflate or tokenise: how far each page goes
 *   URLS             a file of lines "URL", or "URL<TAB>ETAG" for a conditional request
 *   --ca FILE        certificate authority
 *   --http1          HTTP/1.1, 8 connections a thread
 *   --zlib           inflated by zlib, as libcurl would, not by ISA-L
 *   --threads N      other than the number of processors
 *   --save FILE      write such a file of lines with the ETags that came
 * Prints one JSON object: pages by status, bytes on the wire and inflated, seconds.
 */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/io/inflate.h"
#include "core/io/json.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum {
	STREAMS = 32, /* transfers side by side in a thread */
	CONNECTIONS_HTTP1 = 8,
	ROOM = 64 << 10, /* of a step of zlib */
	THREADS_MAX = 64,
	ETAG_MAX = 128,
};

enum stage { STAGE_FETCH, STAGE_INFLATE, STAGE_TOKENISE };

struct page {
	const char *url;
	const char *etag; /* NULL: an unconditional request */
	char came[ETAG_MAX];
};

struct totals {
	size_t ok, unchanged, other;
	uint64_t wire, inflated;
};

struct floor {
	enum stage stage;
	bool http1, zlib;
	const char *ca;
	VEC(struct page) pages;
	atomic_size_t next;
};

struct transfer {
	struct reader *reader;
	struct page *page;
	CURL *easy;
	struct curl_slist *headers;
	z_stream z; /* with --zlib */
	struct inflate *inflate; /* without */
	struct buf text;
	bool begun; /* the page has bytes */
};

/* What one thread has. */
struct reader {
	struct floor *floor;
	CURLM *multi;
	struct transfer transfers[STREAMS];
	struct totals totals;
};

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "floor: %s: %s\n", what, why);
	exit(3);
}

static void inflate_by_zlib(struct transfer *t, struct str piece)
{
	t->z.next_in = (unsigned char *)piece.p;
	t->z.avail_in = (unsigned)piece.n;
	int code = Z_OK;
	while (code == Z_OK && (t->z.avail_in != 0 || t->z.avail_out == 0)) {
		buf_reserve(&t->text, ROOM);
		t->z.next_out = (unsigned char *)t->text.p + t->text.n;
		t->z.avail_out = ROOM;
		code = inflate(&t->z, Z_NO_FLUSH);
		t->text.n += ROOM - t->z.avail_out;
	}
	if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
		fail(t->page->url, "not gzip");
	}
}

/* The first bytes of a page. */
static void begin(struct transfer *t)
{
	const struct floor *f = t->reader->floor;
	t->begun = true;
	t->z.avail_out = ROOM;
	if (!f->zlib) {
		t->inflate = inflate_create(UINT64_MAX);
	} else if (inflateInit2(&t->z, 15 + 16) != Z_OK) {
		fail(t->page->url, "inflate does not start");
	}
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user)
{
	struct transfer *t = user;
	if (t->reader->floor->stage == STAGE_FETCH) {
		return size * count;
	}
	struct str piece = {bytes, size * count};
	struct err e = {0};
	if (!t->begun) {
		begin(t);
	}
	if (t->inflate == NULL) {
		inflate_by_zlib(t, piece);
	} else if (inflate_feed(t->inflate, piece, &t->text, &e) < 0) {
		fail(t->page->url, e.text);
	}
	return piece.n;
}

static size_t on_header(char *p, size_t size, size_t count, void *user)
{
	struct transfer *t = user;
	struct str line = {p, size * count};
	ptrdiff_t colon = str_find(line, ':');
	if (colon >= 0 && str_equal_nocase(str_slice(line, 0, (size_t)colon), STR("etag"))) {
		struct str value = str_trim(str_slice(line, (size_t)colon + 1, line.n));
		snprintf(t->page->came, ETAG_MAX, "%.*s", STR_ARG(value));
	}
	return size * count;
}

static bool start(struct transfer *t)
{
	struct reader *r = t->reader;
	size_t i = atomic_fetch_add(&r->floor->next, 1);
	if (i >= r->floor->pages.n) {
		return false;
	}
	t->page = &r->floor->pages.v[i];
	t->headers = curl_slist_append(NULL, "Accept: application/vnd.pypi.simple.v1+json");
	t->headers = curl_slist_append(t->headers, "Accept-Encoding: gzip");
	if (t->page->etag != NULL) {
		char *condition = str_format("If-None-Match: %s", t->page->etag);
		t->headers = curl_slist_append(t->headers, condition);
		free(condition);
	}
	curl_easy_setopt(t->easy, CURLOPT_URL, t->page->url);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_multi_add_handle(r->multi, t->easy);
	return true;
}

static void open_transfer(struct reader *r, struct transfer *t)
{
	const struct floor *f = r->floor;
	t->reader = r;
	t->easy = curl_easy_init();
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE, 128L << 10);
	curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION,
		f->http1 ? (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(t->easy, CURLOPT_PIPEWAIT, f->http1 ? 0L : 1L);
	if (f->ca != NULL) {
		curl_easy_setopt(t->easy, CURLOPT_CAINFO, f->ca);
	}
}

static void tokenise(struct transfer *t)
{
	static const struct json_sink nobody = {0};
	struct err e = {0};
	buf_reserve(&t->text, JSON_PADDING);
	if (json_read(t->text.p, t->text.n, &nobody, NULL, NULL, &e) != 0) {
		fail(t->page->url, e.text);
	}
}

/* Ends one transfer; its handle is free for the next. */
static void settle(struct transfer *t, CURLcode code)
{
	struct reader *r = t->reader;
	long status = 0;
	curl_off_t wire = 0;
	if (code != CURLE_OK) {
		fail(t->page->url, curl_easy_strerror(code));
	}
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire);
	*(status == 200 ? &r->totals.ok : status == 304 ? &r->totals.unchanged : &r->totals.other) += 1;
	r->totals.wire += (uint64_t)wire;
	if (t->begun) {
		if (t->inflate == NULL) {
			inflateEnd(&t->z);
		}
		inflate_destroy(t->inflate);
		r->totals.inflated += t->text.n;
		if (r->floor->stage == STAGE_TOKENISE) {
			tokenise(t);
		}
	}
	t->begun = false;
	t->z = (z_stream){0};
	t->inflate = NULL;
	buf_clear(&t->text);
	curl_multi_remove_handle(r->multi, t->easy);
	curl_slist_free_all(t->headers);
	t->headers = NULL;
}

static void *read_pages(void *user)
{
	struct reader *r = user;
	r->multi = curl_multi_init();
	curl_multi_setopt(
		r->multi, CURLMOPT_MAX_HOST_CONNECTIONS, r->floor->http1 ? (long)CONNECTIONS_HTTP1 : 1L);
	size_t open = 0;
	for (size_t i = 0; i < STREAMS; i++) {
		open_transfer(r, &r->transfers[i]);
		open += start(&r->transfers[i]);
	}
	while (open != 0) {
		int running, left;
		curl_multi_perform(r->multi, &running);
		for (CURLMsg *m; (m = curl_multi_info_read(r->multi, &left)) != NULL;) {
			struct transfer *t = NULL;
			CURLcode code = m->data.result;
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
			settle(t, code);
			open -= !start(t);
		}
		if (open != 0) {
			curl_multi_poll(r->multi, NULL, 0, 1000, NULL);
		}
	}
	for (size_t i = 0; i < STREAMS; i++) {
		curl_easy_cleanup(r->transfers[i].easy);
		buf_finish(&r->transfers[i].text);
	}
	curl_multi_cleanup(r->multi);
	return NULL;
}

static void load(struct floor *f, const char *path, struct buf *text)
{
	FILE *file = fopen(path, "r");
	char line[1024];
	if (file == NULL) {
		fail(path, "cannot be read");
	}
	while (fgets(line, sizeof(line), file) != NULL) {
		buf_add_str(text, str_trim(str_from(line)));
		buf_add_char(text, '\n');
	}
	fclose(file);
	char *rest = text->p;
	for (char *end; rest != NULL && (end = strchr(rest, '\n')) != NULL; rest = end + 1) {
		*end = '\0';
		char *tab = strchr(rest, '\t');
		if (tab != NULL) {
			*tab = '\0';
		}
		*vec_add(&f->pages) = (struct page){.url = rest, .etag = tab != NULL ? tab + 1 : NULL};
	}
}

static void save(const struct floor *f, const char *path)
{
	FILE *file = fopen(path, "w");
	for (size_t i = 0; file != NULL && i < f->pages.n; i++) {
		fprintf(file, "%s\t%s\n", f->pages.v[i].url, f->pages.v[i].came);
	}
	if (file == NULL || fclose(file) != 0) {
		fail(path, "cannot be written");
	}
}

static double seconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void run(struct floor *f, long threads)
{
	pthread_t ids[THREADS_MAX];
	struct reader *readers = mem_new((size_t)threads, sizeof(*readers));
	struct totals sum = {0};
	double wall = seconds(CLOCK_MONOTONIC);
	for (long i = 0; i < threads; i++) {
		readers[i].floor = f;
		if (pthread_create(&ids[i], NULL, read_pages, &readers[i]) != 0) {
			fail("thread", "does not start");
		}
	}
	for (long i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		const struct totals *t = &readers[i].totals;
		sum.ok += t->ok;
		sum.unchanged += t->unchanged;
		sum.other += t->other;
		sum.wire += t->wire;
		sum.inflated += t->inflated;
	}
	printf("{\"ok\": %zu, \"unchanged\": %zu, \"other\": %zu, \"wire\": %llu, \"inflated\": %llu, "
		   "\"wall\": %.3f, \"cpu\": %.3f}\n",
		sum.ok, sum.unchanged, sum.other, (unsigned long long)sum.wire,
		(unsigned long long)sum.inflated, seconds(CLOCK_MONOTONIC) - wall,
		seconds(CLOCK_PROCESS_CPUTIME_ID));
	free(readers);
}

static _Noreturn void usage(void)
{
	fprintf(stderr,
		"usage: floor fetch|inflate|tokenise URLS [--ca FILE] [--http1] "
		"[--threads N] [--save FILE]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	struct floor f = {0};
	struct buf text = {0};
	const char *saved = NULL;
	long threads = sysconf(_SC_NPROCESSORS_ONLN);
	static const char *const stages[] = {"fetch", "inflate", "tokenise"};
	if (argc < 3) {
		usage();
	}
	while (strcmp(argv[1], stages[f.stage]) != 0) {
		if (f.stage++ == STAGE_TOKENISE) {
			usage();
		}
	}
	for (int i = 3; i < argc; i++) {
		bool more = i + 1 < argc;
		if (strcmp(argv[i], "--http1") == 0) {
			f.http1 = true;
		} else if (strcmp(argv[i], "--zlib") == 0) {
			f.zlib = true;
		} else if (strcmp(argv[i], "--ca") == 0 && more) {
			f.ca = argv[++i];
		} else if (strcmp(argv[i], "--save") == 0 && more) {
			saved = argv[++i];
		} else if (strcmp(argv[i], "--threads") == 0 && more) {
			threads = atol(argv[++i]);
		} else {
			usage();
		}
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	load(&f, argv[2], &text);
	run(&f, threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads);
	if (saved != NULL) {
		save(&f, saved);
	}
	vec_finish(&f.pages);
	buf_finish(&text);
	curl_global_cleanup();
	return 0;
}
