#include "core/io/file.h"
#include "core/io/json.h"
#include "core/io/json_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A sink that writes what it hears: reading and writing are each other's test. */
static int w_object_begin(void *user, struct err *e)
{
	json_object_begin(user);
	return 0;
}

static int w_key(void *user, struct str key, struct err *e)
{
	char *text = str_dup(key);
	json_key(user, text);
	free(text);
	return 0;
}

static int w_object_end(void *user, struct err *e)
{
	json_object_end(user);
	return 0;
}

static int w_array_begin(void *user, struct err *e)
{
	json_array_begin(user);
	return 0;
}

static int w_array_end(void *user, struct err *e)
{
	json_array_end(user);
	return 0;
}

static int w_string(void *user, struct str value, struct err *e)
{
	json_str(user, value);
	return 0;
}

static int w_number(void *user, struct str text, struct err *e)
{
	int64_t value;
	if (!str_to_i64(text, &value)) {
		return err_set(e, ERR_INVALID, "not a whole number");
	}
	json_int(user, value);
	return 0;
}

static int w_boolean(void *user, bool value, struct err *e)
{
	json_bool(user, value);
	return 0;
}

static int w_null(void *user, struct err *e)
{
	json_null(user);
	return 0;
}

static const struct json_sink writing = {w_object_begin, w_key, w_object_end, w_array_begin,
	w_array_end, w_string, w_number, w_boolean, w_null};

static const struct json_sink nobody;

static void decode(struct str text, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	buf_clear(out);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '%' && i + 2 < text.n) {
			const char *high = strchr(digits, text.p[i + 1]);
			const char *low = strchr(digits, text.p[i + 2]);
			buf_add_char(out, (char)((high - digits) * 16 + (low - digits)));
			i += 2;
		} else {
			buf_add_char(out, text.p[i]);
		}
	}
}

/* Reads a copy with no byte more than is asked for, `behind` in each of those. */
static int read_text(struct str text, char behind, const struct json_sink *sink, void *user,
	const struct json_limits *limits, struct err *e)
{
	char *copy = mem_new(text.n + JSON_PADDING, 1);
	if (text.n != 0) {
		memcpy(copy, text.p, text.n);
	}
	memset(copy + text.n, behind, JSON_PADDING);
	int code = json_read(copy, text.n, sink, user, limits, e);
	free(copy);
	return code;
}

static void test_cases(void **state)
{
	struct buf file = {0};
	struct err e;
	assert_int_equal(file_read(TEST_DATA "/json_cases.txt", 1 << 20, &file, &e), 0);
	struct str rest = buf_view(&file);
	size_t cases = 0;
	for (struct str line; str_split(&rest, '\n', &line);) {
		struct str verdict;
		if (line.n == 0 || line.p[0] == '#' || !str_split(&line, ' ', &verdict)) {
			continue;
		}
		struct buf text = {0};
		decode(line.p != NULL ? line : STR(""), &text);
		/* what lies behind the text is none of it */
		for (const char *behind = "\n0}]\""; *behind != '\0'; behind++) {
			int code = read_text(buf_view(&text), *behind, &nobody, NULL, NULL, &e);
			if ((code == 0) != str_is(verdict, "ok")) {
				fail_msg(
					"%.*s: got %d %s", STR_ARG(buf_view(&text)), code, code != 0 ? e.text : "");
			}
			assert_true(code == 0 || code == ERR_INVALID);
			assert_true(code == 0 || strncmp(e.text, "not JSON: ", 10) == 0);
		}
		buf_finish(&text);
		cases++;
	}
	assert_true(cases > 40);
	buf_finish(&file);
}

static void test_round_trip(void **state)
{
	static const char *const texts[] = {
		"{\"a\":[1,-2,true,false,null,{},[]],\"b\":{\"c\":\"\\\"\\\\\\n\\t\\u0001\\u007f\"}}", "[]",
		"[[],[[]],{}]", "\"\xE2\x80\xA8\xC3\xA4\"", "-9223372036854775807"};
	for (size_t i = 0; i < 5; i++) {
		struct buf out = {0};
		struct json_writer w;
		json_writer_init(&w, &out, false);
		assert_int_equal(read_text(str_from(texts[i]), '\0', &writing, &w, NULL, NULL), 0);
		json_writer_finish(&w);
		assert_string_equal(out.p, texts[i]);
		buf_finish(&out);
	}
}

static void test_pretty_and_repair(void **state)
{
	struct buf out = {0};
	struct json_writer w;
	json_writer_init(&w, &out, true);
	json_object_begin(&w);
	json_kv_text(&w, "a", NULL);
	json_kv_str(&w, "b\n", STR("x\xFFy"));
	json_kv_time(&w, "t", 1000);
	json_kv_time(&w, "never", 0);
	json_key(&w, "list");
	json_array_begin(&w);
	json_double(&w, 0.1);
	json_double(&w, NAN);
	json_double(&w, 1e300);
	json_array_end(&w);
	json_key(&w, "empty");
	json_object_begin(&w);
	json_object_end(&w);
	json_object_end(&w);
	json_writer_finish(&w);
	assert_string_equal(out.p,
		"{\n  \"a\": null,\n  \"b\\n\": \"x\xEF\xBF\xBDy\",\n  \"t\": \"1970-01-01T00:00:01Z\",\n"
		"  \"never\": null,\n  \"list\": [\n    0.1,\n    null,\n    1e+300\n  ],\n"
		"  \"empty\": {}\n}\n");
	buf_finish(&out);
}

static void test_limits(void **state)
{
	struct err e;
	const struct json_limits limits = {.depth = 3, .string_bytes = 4, .total_bytes = 20};
	assert_int_equal(read_text(STR("[[[]]]"), '\0', &nobody, NULL, &limits, &e), 0);
	assert_int_equal(read_text(STR("[[[[]]]]"), '\0', &nobody, NULL, &limits, &e), ERR_TOO_LARGE);
	assert_int_equal(
		read_text(STR("[{\"a\":[[]]}]"), '\0', &nobody, NULL, &limits, &e), ERR_TOO_LARGE);
	assert_int_equal(read_text(STR("\"abcd\""), '\0', &nobody, NULL, &limits, &e), 0);
	assert_int_equal(read_text(STR("\"abcde\""), '\0', &nobody, NULL, &limits, &e), ERR_TOO_LARGE);
	assert_int_equal(
		read_text(STR("{\"abcde\":1}"), '\0', &nobody, NULL, &limits, &e), ERR_TOO_LARGE);
	assert_int_equal(
		read_text(STR("[              1     ]"), '\0', &nobody, NULL, &limits, &e), ERR_TOO_LARGE);
	/* 64 levels at most unless told otherwise */
	struct buf deep = {0};
	for (int i = 0; i < 130; i++) {
		buf_add_char(&deep, i < 65 ? '[' : ']');
	}
	assert_int_equal(read_text(buf_view(&deep), '\0', &nobody, NULL, NULL, &e), ERR_TOO_LARGE);
	buf_finish(&deep);
}

static void test_sink_stops(void **state)
{
	struct buf out = {0};
	struct json_writer w;
	struct err e;
	json_writer_init(&w, &out, false);
	assert_int_equal(read_text(STR("[1, 2.5, 3]"), '\0', &writing, &w, NULL, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "not a whole number (byte 4)"));
	buf_finish(&out);
}

struct inner {
	const char *sha256;
	int64_t size;
};
struct outer {
	const char *name;
	double ratio;
	bool yes;
	struct json_texts words;
	struct inner first;
	struct inner second;
	struct json_objects many;
};
static const struct json_field inner_fields[] = {
	JSON_FIELD(struct inner, sha256, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct inner, size, JSON_FIELD_INT, false), {0}};
static const struct json_field outer_fields[] = {
	JSON_FIELD(struct outer, name, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct outer, ratio, JSON_FIELD_DOUBLE, false),
	JSON_FIELD(struct outer, yes, JSON_FIELD_BOOL, false),
	JSON_FIELD(struct outer, words, JSON_FIELD_TEXTS, false),
	{JSON_NAME("first"), .type = JSON_FIELD_OBJECT, .offset = offsetof(struct outer, first),
		.required = true, .fields = inner_fields},
	{JSON_NAME("second"), .type = JSON_FIELD_OBJECT, .offset = offsetof(struct outer, second),
		.fields = inner_fields},
	{JSON_NAME("many"), .type = JSON_FIELD_OBJECTS, .offset = offsetof(struct outer, many),
		.fields = inner_fields, .size = sizeof(struct inner)},
	{0}};

static int read_outer(const char *text, struct arena *arena, struct outer *out, struct err *e)
{
	struct json_node *root;
	*out = (struct outer){0};
	int code = json_tree_parse(str_from(text), "message", arena, &root, e);
	return code < 0 ? code : json_struct_read(root, outer_fields, out, "job", arena, e);
}

static void test_struct_round_trip(void **state)
{
	static const char text[] =
		"{\"name\":\"n\",\"ratio\":0.25,\"yes\":true,\"words\":[\"a\",\"\"],"
		"\"first\":{\"sha256\":\"ff\",\"size\":7},\"second\":null,"
		"\"many\":[{\"sha256\":\"1\",\"size\":0},{\"sha256\":\"2\",\"size\":-3}]}";
	struct arena arena = {0};
	struct outer o;
	struct err e;
	assert_int_equal(read_outer(text, &arena, &o, &e), 0);
	assert_int_equal(o.many.n, 2);
	assert_string_equal(((struct inner *)o.many.v)[1].sha256, "2");
	assert_string_equal(o.words.v[0], "a");
	struct buf out = {0};
	struct json_writer w;
	json_writer_init(&w, &out, false);
	json_struct_write(&w, outer_fields, &o);
	json_writer_finish(&w);
	assert_string_equal(out.p, text);
	buf_finish(&out);
	arena_finish(&arena);
}

static void test_struct_errors(void **state)
{
	static const char *const cases[][2] = {
		{"{\"first\":{\"sha256\":\"\"}}", "job.name: is missing"},
		{"{\"name\":1,\"first\":{\"sha256\":\"\"}}", "job.name: is not a text"},
		{"{\"name\":\"a\\u0000b\",\"first\":{\"sha256\":\"\"}}", "job.name: has a zero byte in it"},
		{"{\"name\":\"\",\"first\":{\"sha256\":null}}", "job.first.sha256: is null"},
		{"{\"name\":\"\",\"first\":{\"sha256\":\"\",\"size\":1.5}}",
			"job.first.size: is not a whole number of 64 bits"},
		{"{\"name\":\"\",\"first\":{\"sha256\":\"\"},\"many\":[{\"sha256\":\"\"},{}]}",
			"job.many[1].sha256: is missing"},
		{"{\"name\":\"\",\"first\":{\"sha256\":\"\"},\"words\":[\"\",3]}",
			"job.words[1]: is not a text"},
		{"{\"name\":\"\",\"first\":[]}", "job.first: is not an object"},
		{"{\"name\":\"\",\"yes\":1,\"first\":{\"sha256\":\"\"}}", "job.yes: is not true or false"},
		{"{\"name\":\"\",\"ratio\":1e999,\"first\":{\"sha256\":\"\"}}",
			"job.ratio: is too large a number"},
		{"[]", "job: is not an object"},
		{"{\"name\":\"\",\"name\":\"\"}", "message: the key \"name\" is there twice (byte 21)"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena arena = {0};
		struct outer o;
		struct err e;
		assert_int_equal(read_outer(cases[i][0], &arena, &o, &e), ERR_INVALID);
		assert_string_equal(e.text, cases[i][1]);
		arena_finish(&arena);
	}
}

static void test_many_keys(void **state)
{
	struct buf text = {0};
	struct arena arena = {0};
	struct json_node *root;
	struct err e;
	buf_add_text(&text, "{\"k\":0");
	for (int i = 0; i < 20000; i++) {
		buf_printf(&text, ",\"k%d\":%d", i, i);
	}
	size_t without = text.n;
	buf_add_char(&text, '}');
	assert_int_equal(json_tree_parse(buf_view(&text), "big", &arena, &root, &e), 0);
	assert_int_equal(root->count, 20001);
	assert_true(str_is(json_tree_get(root, "k19999")->text, "19999"));
	assert_null(json_tree_get(root, "none"));
	text.n = without;
	buf_add_text(&text, ",\"k77\":1}");
	assert_int_equal(json_tree_parse(buf_view(&text), "big", &arena, &root, &e), ERR_INVALID);
	arena_finish(&arena);
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_pretty_and_repair),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_sink_stops),
		cmocka_unit_test(test_struct_round_trip),
		cmocka_unit_test(test_struct_errors),
		cmocka_unit_test(test_many_keys),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
