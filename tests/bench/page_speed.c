/* What reading and judging index pages costs, beside the reader of JSON alone without callbacks:
 *   page_speed RECIPES ROUNDS PAGE.json.gz…
 * prints nanoseconds of processor time a file, of the fastest round, for each of the three. */
#include "coordinator/scan/project_page.h"
#include "core/io/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

enum { PIECE = 16 << 10 };

struct page {
	char *name;
	struct buf text;
};

static void read_page(const char *path, struct page *out)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	*out = (struct page){.name = str_dup((struct str){name, strcspn(name, ".")})};
	gzFile file = gzopen(path, "rb");
	char piece[PIECE];
	for (int n; file != NULL && (n = gzread(file, piece, sizeof(piece))) > 0;) {
		buf_add(&out->text, piece, (size_t)n);
	}
	gzclose(file);
}

static void tokenise(const struct page *p)
{
	static const struct json_sink nobody = {0};
	struct buf copy = {0};
	buf_add_str(&copy, buf_view(&p->text));
	buf_reserve(&copy, JSON_PADDING);
	if (json_read(copy.p, copy.n, &nobody, NULL, NULL, NULL) != 0) {
		exit(1);
	}
	buf_finish(&copy);
}

static void parse(const struct page *p, struct project_page *out)
{
	project_page_init(out, p->name);
	out->base = STR("https://index.example/simple/name/");
	out->format = PAGE_JSON;
	buf_add_str(&out->text, buf_view(&p->text));
	if (project_page_end(out) != 0) {
		fprintf(stderr, "%s: %s\n", p->name, out->err.text);
		exit(1);
	}
}

static int64_t cpu_us(void)
{
	return (int64_t)((double)clock() * 1e6 / CLOCKS_PER_SEC);
}

static void keep_least(int64_t *least, int64_t us)
{
	*least = *least == 0 || us < *least ? us : *least;
}

int main(int argc, char **argv)
{
	struct target_set targets;
	struct scope scope;
	struct err e;
	if (argc < 4) {
		fputs("usage: page_speed RECIPES ROUNDS PAGE.json.gz...\n", stderr);
		return 2;
	}
	if (target_set_load(argv[1], &targets, &e) != 0 || scope_load(argv[1], &scope, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		return 2;
	}
	size_t count = (size_t)argc - 3, files = 0, bytes = 0;
	struct page *pages = mem_new(count, sizeof(*pages));
	struct project_page *read = mem_new(count, sizeof(*read));
	int64_t floor = 0, parsing = 0, judging = 0;
	for (size_t i = 0; i < count; i++) {
		read_page(argv[i + 3], &pages[i]);
		bytes += pages[i].text.n;
	}
	for (int round = 0; round < atoi(argv[2]); round++) {
		int64_t start = cpu_us();
		for (size_t i = 0; i < count; i++) {
			tokenise(&pages[i]);
		}
		int64_t tokenised = cpu_us();
		for (size_t i = 0; i < count; i++) {
			parse(&pages[i], &read[i]);
		}
		int64_t parsed = cpu_us();
		for (size_t i = 0; i < count; i++) {
			project_page_judge(&read[i], &targets, &scope);
		}
		int64_t judged = cpu_us();
		files = 0;
		for (size_t i = 0; i < count; i++) {
			files += read[i].files.n;
			project_page_finish(&read[i]);
		}
		keep_least(&floor, tokenised - start);
		keep_least(&parsing, parsed - tokenised);
		keep_least(&judging, judged - parsed);
	}
	double each = 1000.0 / (double)files;
	printf(
		"%zu pages, %zu files, %zu bytes, %zu targets: ns a file: reader alone %.0f, parse %.0f, "
		"judge %.0f\n",
		count, files, bytes, targets.n, (double)floor * each, (double)parsing * each,
		(double)judging * each);
	for (size_t i = 0; i < count; i++) {
		free(pages[i].name);
		buf_finish(&pages[i].text);
	}
	free(read);
	free(pages);
	scope_finish(&scope);
	target_set_finish(&targets);
	return 0;
}
