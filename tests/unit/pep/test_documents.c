/* Documents: project pages in JSON and HTML, core metadata. */
#include "core/io/json.h"
#include "core/pep/filename.h"
#include "core/pep/metadata.h"
#include "core/pep/simple_html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

/* What a page said, one line a call. */
struct heard {
	struct buf text;
	size_t files;
	size_t wheels;
	struct str stop_at; /* the handler fails at this file */
};

static int on_file(void *user, const struct simple_file *file, struct err *e)
{
	struct heard *heard = user;
	struct filename name;
	heard->files++;
	heard->wheels +=
		filename_parse(file->filename, &name, NULL) == 0 && name.kind == FILENAME_WHEEL;
	if (heard->stop_at.n != 0 && str_equal(file->filename, heard->stop_at)) {
		return err_set(e, ERR_CANCELLED, "enough");
	}
	buf_printf(&heard->text, "%.*s url=%.*s", STR_ARG(file->filename), STR_ARG(file->url));
	if (file->sha256.n != 0) {
		buf_printf(&heard->text, " sha256=%.*s", STR_ARG(file->sha256));
	}
	if (file->has_size) {
		buf_printf(&heard->text, " size=%llu", (unsigned long long)file->size);
	}
	if (file->requires_python.n != 0) {
		buf_printf(&heard->text, " python=%.*s", STR_ARG(file->requires_python));
	}
	if (file->yanked) {
		buf_printf(&heard->text, " yanked=%.*s", STR_ARG(file->yanked_reason));
	}
	if (file->upload_time.n != 0) {
		buf_printf(&heard->text, " time=%.*s", STR_ARG(file->upload_time));
	}
	if (file->core_metadata) {
		buf_printf(&heard->text, " metadata=%.*s", STR_ARG(file->core_metadata_sha256));
	}
	if (file->provenance.n != 0) {
		buf_printf(&heard->text, " provenance=%.*s", STR_ARG(file->provenance));
	}
	buf_add_char(&heard->text, '\n');
	return 0;
}

static int on_project(void *user, const struct simple_project *project, struct err *e)
{
	struct heard *heard = user;
	buf_printf(&heard->text, "%.*s %.*s(%.*s) api=%.*s serial=%.*s files=%zu\n",
		STR_ARG(project->name), STR_ARG(project->status), STR_ARG(project->status_reason),
		STR_ARG(project->api_version), STR_ARG(project->last_serial), project->files);
	return 0;
}

static int on_base(void *user, struct str href, struct err *e)
{
	struct heard *heard = user;
	buf_printf(&heard->text, "base %.*s\n", STR_ARG(href));
	return 0;
}

static const struct simple_page_handler handler = {on_file, on_project, on_base};

static int read_json(struct str text, struct heard *heard, struct err *e)
{
	struct simple_page *page = simple_page_create(&handler, heard);
	struct buf copy = {0};
	buf_add_str(&copy, text);
	buf_reserve(&copy, JSON_PADDING);
	int code = json_read(copy.p, copy.n, simple_page_sink(), page, NULL, e);
	if (code == 0) {
		code = simple_page_finish(page, e);
	}
	simple_page_destroy(page);
	buf_finish(&copy);
	return code;
}

static void check_json(const char *text, const char *expected)
{
	struct heard heard = {0};
	struct err e = {0};
	assert_int_equal(read_json(str_from(text), &heard, &e), 0);
	buf_add_text(&heard.text, "");
	assert_string_equal(heard.text.p, expected);
	buf_finish(&heard.text);
}

static void check_bad_json(const char *text, int code, const char *part)
{
	struct heard heard = {0};
	struct err e = {0};
	assert_int_equal(read_json(str_from(text), &heard, &e), code);
	if (strstr(e.text, part) == NULL) {
		fail_msg("'%s' does not say '%s'", e.text, part);
	}
	buf_finish(&heard.text);
}

#define META "\"meta\":{\"api-version\":\"1.1\"}"
#define FILE_OF(more) "{\"filename\":\"x-1.tar.gz\",\"url\":\"u\"" more "}"
#define PAGE(files) "{" META ",\"name\":\"x\",\"files\":[" files "]}"

static void test_json_whole(void **state)
{
	check_json(
		"{\"files\":[{\"core-metadata\":{\"sha256\":\"aa\"},\"data-dist-info-metadata\":1,"
		"\"dist-info-metadata\":false,\"filename\":\"x-1-py3-none-any.whl\","
		"\"hashes\":{\"md5\":\"0\",\"sha256\":\"beef\"},\"provenance\":\"https://p\","
		"\"requires-python\":\">=3.9\",\"size\":12,\"upload-time\":\"2026-01-02T03:04:05Z\","
		"\"url\":\"../x.whl\",\"yanked\":\"bad \\u00e4\"}],"
		"\"meta\":{\"_last-serial\":123,\"api-version\":\"1.4\"},\"name\":\"x\","
		"\"project-status\":{\"status\":\"archived\",\"reason\":\"old\"},\"versions\":[\"1\"]}",
		"x-1-py3-none-any.whl url=../x.whl sha256=beef size=12 python=>=3.9 yanked=bad \xc3\xa4"
		" time=2026-01-02T03:04:05Z metadata=aa provenance=https://p\n"
		"x archived(old) api=1.4 serial=123 files=1\n");
	check_json(PAGE(""), "x active() api=1.1 serial= files=0\n");
}

static void test_json_nothing_stays_from_the_file_before(void **state)
{
	check_json(
		PAGE(FILE_OF(
			",\"yanked\":true,\"size\":1,\"hashes\":{\"sha256\":\"a\"},"
			"\"requires-python\":\">1\",\"core-metadata\":true") "," FILE_OF(",\"yanked\":false,"
																			 "\"requires-python\":"
																			 "null,\"size\":null")),
		"x-1.tar.gz url=u sha256=a size=1 python=>1 yanked= metadata=\n"
		"x-1.tar.gz url=u\n"
		"x active() api=1.1 serial= files=2\n");
}

static void test_json_last_of_a_key_wins(void **state)
{
	check_json(PAGE(FILE_OF(",\"url\":\"v\",\"yanked\":\"r\",\"yanked\":false,"
							"\"hashes\":{\"sha256\":\"a\"},\"hashes\":{},"
							"\"core-metadata\":{\"sha256\":\"b\"},\"core-metadata\":true")),
		"x-1.tar.gz url=v metadata=\nx active() api=1.1 serial= files=1\n");
	check_bad_json("{" META ",\"files\":[],\"files\":[]}", ERR_INVALID, "$.files: is given twice");
}

/* PEP 691: yanked is true, or a text that is not empty */
static void test_json_yanked_without_reason(void **state)
{
	check_json(PAGE(FILE_OF(",\"yanked\":\"\"")),
		"x-1.tar.gz url=u\nx active() api=1.1 serial= files=1\n");
}

static void test_json_old_name_of_core_metadata(void **state)
{
	check_json(PAGE(FILE_OF(",\"dist-info-metadata\":{\"sha256\":\"c\"}") "," FILE_OF(
				   ",\"core-metadata\":false,\"dist-info-metadata\":{\"sha256\":\"c\"}")),
		"x-1.tar.gz url=u metadata=c\nx-1.tar.gz url=u\nx active() api=1.1 serial= files=2\n");
}

static void test_json_unknown_keys_at_any_depth(void **state)
{
	check_json("{" META
			   ",\"name\":\"x\",\"z\":[1,{\"files\":[{\"size\":\"x\"}]},[[]]],\"files\":[" FILE_OF(
				   ",\"z\":{\"url\":7,\"hashes\":[]}") "]}",
		"x-1.tar.gz url=u\nx active() api=1.1 serial= files=1\n");
}

static void test_json_wrong_types_name_the_path(void **state)
{
	check_bad_json("[]", ERR_INVALID, "$: ");
	check_bad_json("7", ERR_INVALID, "$: ");
	check_bad_json("{\"name\":7}", ERR_INVALID, "$.name: ");
	check_bad_json("{\"files\":{}}", ERR_INVALID, "$.files: ");
	check_bad_json("{\"meta\":[]}", ERR_INVALID, "$.meta: ");
	check_bad_json("{\"meta\":{\"api-version\":1.0}}", ERR_INVALID, "$.meta.api-version: ");
	check_bad_json(PAGE("7"), ERR_INVALID, "$.files[0]");
	check_bad_json(PAGE(FILE_OF("") ",[]"), ERR_INVALID, "$.files[1]");
	check_bad_json(PAGE(FILE_OF("") "," FILE_OF(",\"hashes\":{\"sha256\":7}")), ERR_INVALID,
		"$.files[1].hashes.sha256: ");
	check_bad_json(PAGE(FILE_OF(",\"size\":\"7\"")), ERR_INVALID, "$.files[0].size: ");
	check_bad_json(PAGE(FILE_OF(",\"size\":-7")), ERR_INVALID, "$.files[0]: ");
	check_bad_json(PAGE(FILE_OF(",\"size\":1e3")), ERR_INVALID, "$.files[0]: ");
	check_bad_json(PAGE("{\"filename\":\"x\"}"), ERR_INVALID, "$.files[0]: has no filename");
}

static void test_json_incomplete_pages(void **state)
{
	check_bad_json("{}", ERR_INVALID, "meta.api-version");
	check_bad_json("{" META ",\"name\":\"x\"}", ERR_INVALID, "files");
	check_bad_json(
		"{\"meta\":{\"api-version\":\"2.0\"},\"name\":\"x\",\"files\":[]}", ERR_UNSUPPORTED, "2.0");
	struct simple_page *page = simple_page_create(&handler, NULL);
	assert_int_equal(simple_page_finish(page, NULL), ERR_INVALID);
	simple_page_destroy(page);
}

static void test_json_depth(void **state)
{
	struct buf text = {0};
	buf_add_text(&text, "{\"z\":");
	for (int i = 0; i < 60; i++) {
		buf_add_char(&text, '[');
	}
	buf_add_char(&text, '7');
	for (int i = 0; i < 60; i++) {
		buf_add_char(&text, ']');
	}
	buf_add_char(&text, '}');
	check_bad_json(text.p, ERR_TOO_LARGE, "nested too deep");
	buf_finish(&text);
}

static void test_json_handler_stops(void **state)
{
	struct heard heard = {.stop_at = STR("x-1.tar.gz")};
	struct err e;
	assert_int_equal(read_json(STR(PAGE(FILE_OF("") "," FILE_OF(""))), &heard, &e), ERR_CANCELLED);
	assert_int_equal(heard.files, 1);
	buf_finish(&heard.text);
}

static void read_recorded(const char *name, struct buf *text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/../pages/%s.json.gz", TEST_DATA, name);
	gzFile file = gzopen(path, "rb");
	assert_non_null(file);
	char piece[8192];
	int n;
	while ((n = gzread(file, piece, sizeof piece)) > 0) {
		buf_add(text, piece, (size_t)n);
	}
	assert_int_equal(n, 0);
	gzclose(file);
}

static void test_recorded_pages(void **state)
{
	static const char *const names[] = {"markupsafe", "cryptography", "psutil", "pyyaml"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buf text = {0};
		struct heard heard = {0};
		struct err e = {0};
		read_recorded(names[i], &text);
		assert_int_equal(read_json(buf_view(&text), &heard, &e), 0);
		assert_true(heard.files > 100 && heard.wheels > 50);
		struct buf last = {0};
		buf_printf(&last, "\n%s active() api=1.1", names[i]);
		assert_non_null(strstr(heard.text.p, last.p));
		buf_finish(&last);
		buf_finish(&heard.text);
		buf_finish(&text);
	}
}

static void check_html(const char *text, const char *expected)
{
	struct heard heard = {0};
	struct err e = {0};
	assert_int_equal(simple_html_read(str_from(text), STR("x"), &handler, &heard, &e), 0);
	buf_add_text(&heard.text, "");
	assert_string_equal(heard.text.p, expected);
	buf_finish(&heard.text);
}

static void test_html_whole(void **state)
{
	check_html(
		"<!DOCTYPE html><html><head><title>Links for <a></title>\n"
		"<meta name=\"pypi:repository-version\" content=\"1.3\">"
		"<meta name='pypi:project-status' content='quarantined'/></head>"
		"<body><h1>Links</h1><!-- <a href=\"no\">no</a> -->\n"
		"<a href=\"https://h/x-1-py3-none-any.whl#sha256=beef\" data-requires-python=\"&gt;=3.8,"
		"&lt;4\" data-yanked=\"a &#38; b &eacute;\" data-core-metadata=\"sha256=aa\" "
		"data-provenance=p>x-1-py3-none-any.whl</a><br />\n"
		"<A HREF=../x-1.tar.gz#md5=0&sha256=cc DATA-YANKED >\n x-1.tar.gz </A>"
		"<a href='x-2.zip' data-dist-info-metadata=true></a>"
		"<a href=\"/simple/\">all</a><script>if (a<b) '<a href=1>2</a>'</script></body></html>",
		"x-1-py3-none-any.whl url=https://h/x-1-py3-none-any.whl sha256=beef python=>=3.8,<4"
		" yanked=a & b &eacute; metadata=aa provenance=p\n"
		"x-1.tar.gz url=../x-1.tar.gz sha256=cc yanked=\n"
		"x-2.zip url=x-2.zip metadata=\n"
		"x quarantined() api=1.3 serial= files=3\n");
	check_html("<html></html>", "x active() api=1.0 serial= files=0\n");
}

static void test_html_old_and_broken(void **state)
{
	check_html("<a href=x-1.zip>x-1.zip<a href=x-2.zip>x-2.zip",
		"x-1.zip url=x-1.zip\nx-2.zip url=x-2.zip\nx active() api=1.0 serial= files=2\n");
	check_html("<html>< a href=1> a < b <> <a href='x-1.zip' =x data-yanked=\"\">x-1.zip</a",
		"x-1.zip url=x-1.zip yanked=\nx active() api=1.0 serial= files=1\n");
	check_html("<a href=\"x-1.zip\" title=\">\">x-&#49;.&#x7A;ip</a>",
		"x-1.zip url=x-1.zip\nx active() api=1.0 serial= files=1\n");
}

static void test_html_base(void **state)
{
	check_html("<html><base target=_top><BASE HREF=' https://h/a&amp;b/ '><base href=/second>"
			   "<a href=x-1.zip>x-1.zip</a>",
		"base https://h/a&b/\nx-1.zip url=x-1.zip\nx active() api=1.0 serial= files=1\n");
}

static void test_html_refused(void **state)
{
	struct heard heard = {0};
	struct err e;
	assert_int_equal(
		simple_html_read(STR("Service Unavailable"), STR("x"), &handler, &heard, &e), ERR_INVALID);
	assert_int_equal(
		simple_html_read(STR("<meta name=pypi:repository-version content=2.0><a href=x>y</a>"),
			STR("x"), &handler, &heard, &e),
		ERR_UNSUPPORTED);
	assert_int_equal(heard.files, 0);
	buf_finish(&heard.text);
}

static int on_field(
	void *user, enum metadata_field field, struct str name, struct str value, struct err *e)
{
	struct buf *out = user;
	buf_printf(out, "%d %.*s=%.*s\n", (int)field, STR_ARG(name), STR_ARG(value));
	return str_is(name, "Stop") ? err_set(e, ERR_CANCELLED, "stop") : 0;
}

static const struct metadata_handler metadata_handler = {on_field};

static void check_metadata(const char *text, int code, const char *expected)
{
	struct buf out = {0};
	assert_int_equal(metadata_read(str_from(text), &metadata_handler, &out, NULL), code);
	buf_add_text(&out, "");
	assert_string_equal(out.p, expected);
	buf_finish(&out);
}

static void test_metadata(void **state)
{
	check_metadata(
		"Metadata-Version: 2.4\r\nname:  x \r\nVERSION: 1\r\nRequires-Dist: a>=1;\r\n"
		"  python_version<'3'\r\n\textra\r\nSummary:\r\n folded\r\nX: y: z\r\n\r\nName: body",
		0,
		"0 Metadata-Version=2.4\n1 name=x\n2 VERSION=1\n"
		"3 Requires-Dist=a>=1; python_version<'3' extra\n8 Summary=folded\n12 X=y: z\n");
	/* as mail readers have it: what is no header begins the body */
	check_metadata("Metadata-Version: 1.0\nName: x\nVersion: 1\nno header\nSummary: y\n", 0,
		"0 Metadata-Version=1.0\n1 Name=x\n2 Version=1\n");
	check_metadata("Name: x\nVersion: 1", ERR_INVALID, "1 Name=x\n2 Version=1\n");
	check_metadata("Name: x\nName: y\n", ERR_INVALID, "1 Name=x\n");
	check_metadata("Stop: now\nName: x", ERR_CANCELLED, "12 Stop=now\n");
	check_metadata("", ERR_INVALID, "");
}

static void check_static(const char *version, const char *more, int code, const char *part)
{
	struct err e = {0};
	char *text = str_format("Metadata-Version: %s\nName: x\nVersion: 1\n%s", version, more);
	assert_int_equal(metadata_check_static(str_from(text), &e), code);
	if (strstr(e.text, part) == NULL) {
		fail_msg("'%s' does not say '%s'", e.text, part);
	}
	free(text);
}

static void test_static_metadata(void **state)
{
	check_static("2.2", "Requires-Dist: a\n", 0, "");
	check_static("2.10", "Dynamic: Version\nDynamic: License\n", 0, "");
	check_static("2.4", "\nDynamic: Requires-Dist\n", 0, ""); /* in the body */
	static const char *const old[] = {
		"1.0", "2.1", "2", "2.", "2.2.1", "3.0", "02.x", "-2.2", "2.-2"};
	for (size_t i = 0; i < sizeof(old) / sizeof(*old); i++) {
		check_static(old[i], "", ERR_UNSUPPORTED, "static ones are 2.2 and later (PEP 643)");
	}
	check_static("2.2", "Dynamic: Requires-Dist\n", ERR_UNSUPPORTED, "Requires-Dist is dynamic");
	check_static("2.4", "Dynamic: summary\nDynamic: requires-python\n", ERR_UNSUPPORTED,
		"Requires-Python is dynamic");
	check_static("2.4", "dynamic:\n PROVIDES-EXTRA\n", ERR_UNSUPPORTED, "Provides-Extra is");
	struct err e;
	assert_int_equal(metadata_check_static(STR("Metadata-Version: 2.2\n"), &e), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_whole),
		cmocka_unit_test(test_json_nothing_stays_from_the_file_before),
		cmocka_unit_test(test_json_last_of_a_key_wins),
		cmocka_unit_test(test_json_yanked_without_reason),
		cmocka_unit_test(test_json_old_name_of_core_metadata),
		cmocka_unit_test(test_json_unknown_keys_at_any_depth),
		cmocka_unit_test(test_json_wrong_types_name_the_path),
		cmocka_unit_test(test_json_incomplete_pages),
		cmocka_unit_test(test_json_depth),
		cmocka_unit_test(test_json_handler_stops),
		cmocka_unit_test(test_recorded_pages),
		cmocka_unit_test(test_html_whole),
		cmocka_unit_test(test_html_old_and_broken),
		cmocka_unit_test(test_html_base),
		cmocka_unit_test(test_html_refused),
		cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_static_metadata),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
