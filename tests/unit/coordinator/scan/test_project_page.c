/* A page from bytes to files and facts. */
#include "coordinator/scan/project_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct target_set targets;
static const struct scope no_scope;

static int load(void **state)
{
	struct err e;
	return target_set_load(RECIPES, &targets, &e);
}

static int unload(void **state)
{
	target_set_finish(&targets);
	return 0;
}

static void read_page(struct project_page *p, enum project_page_format format, const char *text)
{
	project_page_init(p, "demo");
	p->base = STR("https://index.example/simple/demo/");
	p->format = format;
	buf_add_text(&p->text, text);
	assert_int_equal(project_page_end(p), 0);
	project_page_judge(p, &targets, &no_scope);
}

static const struct store_published *fact_of(const struct project_page *p, const char *target)
{
	for (size_t i = 0; i < targets.n; i++) {
		if (strcmp(p->facts[i].target_name, target) == 0) {
			return &p->facts[i];
		}
	}
	fail_msg("no target %s", target);
	return NULL;
}

static void assert_text(struct str text, const char *expected)
{
	assert_string_equal(text.n != 0 ? text.p : "", expected);
	assert_int_equal(text.n, strlen(expected));
}

static const char page[] =
	"{\"meta\":{\"api-version\":\"1.4\",\"_last-serial\":77},\"name\":\"Demo\",\"files\":["
	"{\"filename\":\"demo-1.0+l-cp313-cp313-win_arm64.whl\",\"url\":\"/p/"
	"demo-1.0%2Bl-cp313-cp313-win_arm64.whl\",\"hashes\":{\"sha256\":\"aa\"},\"size\":5,"
	"\"requires-python\":\">=3.8\",\"upload-time\":\"2025-02-01T00:00:00.5Z\"},"
	"{\"filename\":\"demo-2.0.tar.gz\",\"url\":\"demo-2.0.tar.gz\",\"hashes\":{},"
	"\"requires-python\":\">=3.8\",\"yanked\":false,\"core-metadata\":{\"sha256\":\"bb\"}},"
	"{\"filename\":\"demo-2.1.zip\",\"url\":\"https://h/demo-2.1.zip\",\"hashes\":{},"
	"\"yanked\":\"broken\"},"
	"{\"filename\":\"x.exe\",\"url\":\"../x.exe\",\"hashes\":{}}]";

static void check_files(const struct project_page *p)
{
	assert_int_equal(p->files.n, 4);
	const struct store_file *f = p->files.v;
	assert_text(f[0].filename, "demo-1.0+l-cp313-cp313-win_arm64.whl");
	assert_text(f[0].url, "https://index.example/p/demo-1.0%2Bl-cp313-cp313-win_arm64.whl");
	assert_text(f[0].version, "1.0+l");
	assert_string_equal(f[0].kind, "wheel");
	assert_text(f[0].sha256, "aa");
	assert_int_equal(f[0].uploaded, 1738368000500);
	assert_text(f[1].filename, "demo-2.0.tar.gz");
	assert_text(f[1].url, "https://index.example/simple/demo/demo-2.0.tar.gz");
	assert_text(f[1].metadata_sha256, "bb");
	assert_ptr_equal(f[0].requires_python.p, f[1].requires_python.p);
	assert_int_equal(f[1].size, -1);
	assert_true(f[2].yanked);
	assert_text(f[2].url, "https://h/demo-2.1.zip");
	assert_text(f[3].url, "https://index.example/simple/x.exe");
	assert_string_equal(f[3].kind, "other");
}

static void test_json(void **state)
{
	char *text = str_format("%s}", page);
	struct project_page p;
	read_page(&p, PAGE_JSON, text);
	check_files(&p);
	assert_text(p.newest, "2.0");
	assert_int_equal(p.serial, 77);
	const struct store_published *fact = fact_of(&p, "cp313-win_arm64");
	assert_string_equal(fact->state, "sdist");
	assert_string_equal(fact->version, "2.0");
	assert_string_equal(fact->file, "demo-2.0.tar.gz");
	assert_null(fact->file_sha256);
	assert_string_equal(fact->newest_version, "1.0+l");
	assert_int_equal(fact->newest_date, 1738368000500);
	assert_int_equal(fact->behind, 1);
	assert_string_equal(fact->vanished, "1.0+l");
	assert_null(fact_of(&p, "cp314-win_arm64")->newest_version);
	assert_int_equal(fact_of(&p, "cp314-win_arm64")->behind, -1);
	project_page_finish(&p);
	free(text);
}

/* PEP 792: what is archived or quarantined has not vanished. */
static void test_status(void **state)
{
	static const struct {
		const char *status;
		bool vanishes;
	} cases[] = {
		{"active", true}, {"deprecated", true}, {"archived", false}, {"quarantined", false}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct project_page p;
		char *text =
			str_format("%s,\"project-status\":{\"status\":\"%s\"}}", page, cases[i].status);
		read_page(&p, PAGE_JSON, text);
		assert_text(p.status, cases[i].status);
		assert_true((fact_of(&p, "cp313-win_arm64")->vanished != NULL) == cases[i].vanishes);
		project_page_finish(&p);
		free(text);
	}
}

static void test_html(void **state)
{
	struct project_page p;
	read_page(&p, PAGE_HTML,
		"<!DOCTYPE html><base href='/files/'><a href='demo-1.0-py3-none-any.whl#sha256=cc'>"
		"demo-1.0-py3-none-any.whl</a>");
	assert_int_equal(p.files.n, 1);
	assert_text(p.files.v[0].url, "https://index.example/files/demo-1.0-py3-none-any.whl");
	assert_text(p.files.v[0].sha256, "cc");
	const struct store_published *fact = fact_of(&p, "cp313t-win_arm64");
	assert_string_equal(fact->state, "pure");
	assert_string_equal(fact->file_sha256, "cc");
	assert_int_equal(fact->behind, 0);
	project_page_finish(&p);
}

static void test_bad(void **state)
{
	static const char *const texts[] = {"", "[]", "{\"meta\":{\"api-version\":\"1.0\"}}",
		"{\"meta\":{\"api-version\":\"2.0\"},\"name\":\"demo\",\"files\":[]}", "{\"files\":[1]}"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct project_page p;
		project_page_init(&p, "demo");
		p.format = PAGE_JSON;
		buf_add_text(&p.text, texts[i]);
		assert_true(project_page_end(&p) < 0);
		assert_true(p.err.text[0] != '\0');
		project_page_finish(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_bad),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
