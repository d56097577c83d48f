/* Makes a package index of N projects: pages, the list of all, serials, and what changed of it a day
 * later. The same seed and names give the same bytes. Written for scale: each page is a template in
 * C, pages go side by side on all processors, and only their gzip form is kept.
 *
 * usage: generate PAGES SEED OUT [NAMES]
 *   OUT/pages/NAME.json.gz      a page (PEP 691)
 *   OUT/changed/NAME.json.gz    of one in a hundred: the page with one more release
 *   OUT/simple.json.gz          the list of all projects, 40 times as many as have a page
 *   OUT/simple-changed.json.gz  the same a day later
 *   OUT/serials.map, serials-changed.map   "/simple/NAME/ SERIAL;", for a server's header
 *   OUT/changed.map             "/simple/NAME/ changed;"
 *   OUT/list.json               names and downloads, as the list of the most downloaded is
 *   OUT/facts.json              what it all is: pages, files, bytes
 */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "tests/index/names.h"
#include "tests/index/page.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
	MEDIAN = 60, /* files of a page */
	PERCENTILE_99 = 4000,
	LARGEST = 15000,
	CHANGED_EVERY = 100,
	OTHERS = 39, /* projects in the list that have no page, for each that has one */
	LEVEL = 4, /* of gzip */
	THREADS_MAX = 64,
};

struct project {
	char *name;
	struct page_facts facts, changed;
	uint64_t bytes, packed;
};

struct index {
	const char *folder;
	uint64_t seed;
	struct project *projects;
	uint32_t count;
	atomic_uint next;
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "generate: %s: %s\n", what, strerror(errno));
	exit(3);
}

/* The number of files that a share u of all pages does not reach: log-normal. */
static uint32_t files_at(double u)
{
	double low = -9, high = 9;
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;
		*(0.5 * erfc(-middle * M_SQRT1_2) < u ? &low : &high) = middle;
	}
	double sigma = log((double)PERCENTILE_99 / MEDIAN) / 2.3263478740408408;
	double files = round(MEDIAN * exp(sigma * low));
	return files < 1 ? 1 : files > LARGEST ? LARGEST : (uint32_t)files;
}

/* Numbers between 0 and 1 of which any first n lie evenly (van der Corput), so that the first pages
 * of an index are distributed as all of it. */
static double even_share(uint32_t i, uint64_t seed)
{
	double share = 0, step = 0.5;
	for (; i != 0; i >>= 1, step /= 2) {
		share += i & 1 ? step : 0;
	}
	struct random r = {seed};
	share += random_unit(&r);
	share -= share >= 1 ? 1 : 0;
	return share < 1e-6 ? 1e-6 : share > 1 - 1e-6 ? 1 - 1e-6 : share;
}

static void write_file(const char *folder, const char *name, struct str text)
{
	char *path = str_format("%s/%s", folder, name);
	FILE *f = fopen(path, "wb");
	if (f == NULL || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0) {
		fail(path);
	}
	free(path);
}

/* Packed with gzip, without a time in it; returns the packed size. */
static uint64_t write_packed(const char *folder, const char *name, struct str text)
{
	z_stream z = {0};
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
		mem_bug("deflate does not start");
	}
	size_t room = deflateBound(&z, text.n) + 32;
	unsigned char *packed = mem_new(1, room);
	z.next_in = (unsigned char *)text.p;
	z.avail_in = (unsigned)text.n;
	z.next_out = packed;
	z.avail_out = (unsigned)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
		mem_bug("deflate needs more than its bound");
	}
	size_t n = room - z.avail_out;
	deflateEnd(&z);
	write_file(folder, name, (struct str){(const char *)packed, n});
	free(packed);
	return n;
}

static uint64_t write_page(struct index *x, const char *part, const struct page_wish *w,
	struct buf *page, struct page_facts *facts)
{
	buf_clear(page);
	page_make(w, page, facts);
	char *name = str_format("%s/%s.json.gz", part, w->name);
	uint64_t packed = write_packed(x->folder, name, buf_view(page));
	free(name);
	return packed;
}

static void *work(void *user)
{
	struct index *x = user;
	struct buf page = {0};
	for (uint32_t i; (i = atomic_fetch_add(&x->next, 1)) < x->count;) {
		struct project *p = &x->projects[i];
		struct random r = {x->seed ^ ((uint64_t)i << 20)};
		struct page_wish wish = {
			.name = p->name, .files = files_at(even_share(i, x->seed)), .seed = random_next(&r)};
		p->packed = write_page(x, "pages", &wish, &page, &p->facts);
		p->bytes = page.n;
		p->changed = p->facts;
		if (i % CHANGED_EVERY == CHANGED_EVERY / 2) {
			wish.one_more = true;
			write_page(x, "changed", &wish, &page, &p->changed);
		}
	}
	buf_finish(&page);
	return NULL;
}

static void make_pages(struct index *x)
{
	pthread_t threads[THREADS_MAX];
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	count = count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : count;
	for (long i = 0; i < count; i++) {
		if ((errno = pthread_create(&threads[i], NULL, work, x)) != 0) {
			fail("thread");
		}
	}
	for (long i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
	}
}

struct listed {
	char *name;
	uint64_t serial, changed;
	bool has_page;
};

static int by_name(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order != 0 ? order : (int)y->has_page - (int)x->has_page;
}

/* The list of all names, by name. As on the real one, some are spelled as their owner likes it. */
static void write_list(const struct index *x)
{
	VEC(struct listed) all = {0};
	struct random r = {x->seed ^ 77};
	for (uint32_t i = 0; i < x->count; i++) {
		const struct project *p = &x->projects[i];
		*vec_add(&all) =
			(struct listed){str_dup(str_from(p->name)), p->facts.serial, p->changed.serial, true};
	}
	for (uint32_t k = 0; k < x->count * OTHERS && x->count + k < NAMES_MAX; k++) {
		char name[NAME_BYTES];
		name_make(x->seed, x->count + k, name);
		uint64_t serial = 1000000 + random_below(&r, 41000000);
		*vec_add(&all) = (struct listed){str_dup(str_from(name)), serial, serial, false};
	}
	qsort(all.v, all.n, sizeof(*all.v), by_name);
	struct buf lists[2] = {0};
	for (int day = 0; day < 2; day++) {
		buf_add_text(&lists[day],
			"{\"meta\":{\"_last-serial\":43000000,\"api-version\":\"1.4\"},\"projects\":[");
	}
	for (size_t i = 0; i < all.n; i++) {
		struct listed *l = &all.v[i];
		if (i != 0 && strcmp(l->name, l[-1].name) == 0) {
			continue;
		}
		char shown[256];
		snprintf(shown, sizeof(shown), "%s", l->name);
		if (i % 16 == 3 && shown[0] >= 'a' && shown[0] <= 'z') {
			shown[0] = (char)(shown[0] - 'a' + 'A');
		}
		char *dash = i % 8 == 5 ? strchr(shown, '-') : NULL;
		if (dash != NULL) {
			*dash = i % 16 == 5 ? '_' : '.';
		}
		for (int day = 0; day < 2; day++) {
			buf_printf(&lists[day], "%s{\"_last-serial\":%llu,\"name\":\"%s\"}", i != 0 ? "," : "",
				(unsigned long long)(day == 0 ? l->serial : l->changed), shown);
		}
	}
	for (int day = 0; day < 2; day++) {
		buf_add_text(&lists[day], "]}");
		write_packed(x->folder, day == 0 ? "simple.json.gz" : "simple-changed.json.gz",
			buf_view(&lists[day]));
		buf_finish(&lists[day]);
	}
	for (size_t i = 0; i < all.n; i++) {
		free(all.v[i].name);
	}
	vec_finish(&all);
}

static void write_maps(const struct index *x)
{
	struct buf serials = {0}, changed_serials = {0}, changed = {0}, list = {0};
	buf_add_text(&list, "{\"rows\":[");
	for (uint32_t i = 0; i < x->count; i++) {
		const struct project *p = &x->projects[i];
		buf_printf(&serials, "/simple/%s/ %llu;\n", p->name, (unsigned long long)p->facts.serial);
		buf_printf(&changed_serials, "/simple/%s/ %llu;\n", p->name,
			(unsigned long long)p->changed.serial);
		if (p->changed.serial != p->facts.serial) {
			buf_printf(&changed, "/simple/%s/ changed;\n", p->name);
		}
		buf_printf(&list, "%s{\"download_count\":%.0f,\"project\":\"%s\"}", i != 0 ? "," : "",
			2e9 / pow(i + 1, 0.9), p->name);
	}
	buf_add_text(&list, "]}\n");
	write_file(x->folder, "serials.map", buf_view(&serials));
	write_file(x->folder, "serials-changed.map", buf_view(&changed_serials));
	write_file(x->folder, "changed.map", buf_view(&changed));
	write_file(x->folder, "list.json", buf_view(&list));
	buf_finish(&serials);
	buf_finish(&changed_serials);
	buf_finish(&changed);
	buf_finish(&list);
}

static int by_files(const void *a, const void *b)
{
	const struct project *x = a, *y = b;
	return (x->facts.files > y->facts.files) - (x->facts.files < y->facts.files);
}

/* Sorts the projects by their files: the last thing done with them. */
static void write_facts(struct index *x)
{
	uint64_t files = 0, bytes = 0, packed = 0;
	for (uint32_t i = 0; i < x->count; i++) {
		files += x->projects[i].facts.files;
		bytes += x->projects[i].bytes;
		packed += x->projects[i].packed;
	}
	qsort(x->projects, x->count, sizeof(*x->projects), by_files);
	const struct project *largest = &x->projects[x->count - 1];
	struct buf out = {0};
	buf_printf(&out,
		"{\"pages\": %u, \"files\": %llu, \"bytes\": %llu, \"packed\": %llu, \"median\": %u, "
		"\"percentile_99\": %u, \"largest\": %u, \"largest_name\": \"%s\"}\n",
		x->count, (unsigned long long)files, (unsigned long long)bytes, (unsigned long long)packed,
		x->projects[x->count / 2].facts.files,
		x->projects[x->count - 1 - x->count / 100].facts.files, largest->facts.files,
		largest->name);
	write_file(x->folder, "facts.json", buf_view(&out));
	buf_finish(&out);
}

/* Names from a file, one a line, as many as there are and are wanted; the rest is made up. */
static void find_names(struct index *x, const char *path)
{
	uint32_t n = 0;
	FILE *f = path != NULL ? fopen(path, "r") : NULL;
	if (path != NULL && f == NULL) {
		fail(path);
	}
	char line[128];
	while (f != NULL && n < x->count && fgets(line, sizeof(line), f) != NULL) {
		x->projects[n++].name = str_dup(str_trim(str_from(line)));
	}
	if (f != NULL) {
		fclose(f);
	}
	for (; n < x->count; n++) {
		char name[NAME_BYTES];
		name_make(x->seed, n, name);
		x->projects[n].name = str_dup(str_from(name));
	}
}

static void make_folder(const char *folder, const char *part)
{
	char *path = str_format("%s%s", folder, part);
	if (mkdir(path, 0755) != 0 && errno != EEXIST) {
		fail(path);
	}
	free(path);
}

int main(int argc, char **argv)
{
	uint64_t pages, seed;
	if (argc < 4 || argc > 5 || !str_to_u64(str_from(argv[1]), &pages) ||
		!str_to_u64(str_from(argv[2]), &seed) || pages == 0 || pages > NAMES_MAX) {
		fprintf(stderr, "usage: generate PAGES SEED OUT [NAMES]\n");
		return 2;
	}
	struct index x = {.folder = argv[3], .seed = seed, .count = (uint32_t)pages};
	x.projects = mem_new(x.count, sizeof(*x.projects));
	make_folder(x.folder, "");
	make_folder(x.folder, "/pages");
	make_folder(x.folder, "/changed");
	find_names(&x, argc > 4 ? argv[4] : NULL);
	make_pages(&x);
	write_list(&x);
	write_maps(&x);
	write_facts(&x);
	for (uint32_t i = 0; i < x.count; i++) {
		free(x.projects[i].name);
	}
	free(x.projects);
	return 0;
}
