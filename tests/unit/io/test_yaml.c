#include "core/io/file.h"
#include "core/io/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

struct inner {
	bool flag;
};
struct thing {
	char *name;
	int count;
	char **words;
	unsigned words_count;
	struct inner inner;
};
static const cyaml_schema_value_t word = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};
static const cyaml_schema_field_t inner_fields[] = {
	CYAML_FIELD_BOOL("flag", CYAML_FLAG_DEFAULT, struct inner, flag), CYAML_FIELD_END};
static const cyaml_schema_field_t fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct thing, name, 0, CYAML_UNLIMITED),
	CYAML_FIELD_INT("count", CYAML_FLAG_OPTIONAL, struct thing, count),
	CYAML_FIELD_SEQUENCE("words", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct thing, words,
		&word, 0, CYAML_UNLIMITED),
	CYAML_FIELD_MAPPING("inner", CYAML_FLAG_OPTIONAL, struct thing, inner, inner_fields),
	CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct thing, fields)};

static void test_load(void **state)
{
	void *data;
	struct err e;
	assert_int_equal(yaml_load(TEST_DATA "/yaml/good.yaml", &schema, &data, &e), 0);
	struct thing *t = data;
	assert_string_equal(t->name, "numpy");
	assert_int_equal(t->count, 3);
	assert_int_equal(t->words_count, 2);
	assert_true(t->inner.flag);
	yaml_free(&schema, data);
	assert_int_equal(yaml_load(TEST_DATA "/yaml/none.yaml", &schema, &data, &e), -2);
	assert_null(data);
	yaml_free(&schema, NULL);
}

static void decode(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (str_starts(str_slice(text, i, text.n), "%FF")) {
			buf_add_char(out, '\xFF');
			i += 2;
		} else {
			char c = text.p[i];
			buf_add_char(out, c == '|' ? '\n' : c == '>' ? '\t' : c);
		}
	}
}

static void check(struct str line)
{
	struct str verdict;
	struct str at = {0};
	struct str words = {0};
	str_split(&line, ' ', &verdict);
	bool good = str_is(verdict, "ok");
	if (!good) {
		str_split(&line, ' ', &at);
		str_split(&line, ' ', &words);
	}
	struct buf text = {0};
	decode(line, &text);
	void *data;
	struct err e = {0};
	int code = yaml_parse(buf_view(&text), "recipe", &schema, &data, &e);
	if ((code == 0) != good) {
		fail_msg("%.*s: %d %s", STR_ARG(line), code, e.text);
	}
	if (!good) {
		char *place = str_format("recipe:%.*s: ", STR_ARG(at));
		char *said = str_dup(words);
		for (char *c = said; *c != '\0'; c++) {
			*c = *c == '_' ? ' ' : *c;
		}
		if (!str_starts(str_from(e.text), place) || strstr(e.text, said) == NULL) {
			fail_msg("%.*s: '%s' has no '%s' … '%s'", STR_ARG(line), e.text, place, said);
		}
		free(place);
		free(said);
	}
	yaml_free(&schema, data);
	buf_finish(&text);
}

static void test_cases(void **state)
{
	struct buf file = {0};
	assert_int_equal(file_read(TEST_DATA "/yaml_cases.txt", 1 << 20, &file, NULL), 0);
	struct str rest = buf_view(&file);
	size_t cases = 0;
	for (struct str line; str_split(&rest, '\n', &line);) {
		if (line.n != 0 && line.p[0] != '#') {
			check(line);
			cases++;
		}
	}
	assert_true(cases > 15);
	buf_finish(&file);
}

static void test_too_large(void **state)
{
	struct buf text = {0};
	buf_add_text(&text, "name: x\n#");
	while (text.n <= 1 << 20) {
		buf_add_text(&text, "##########");
	}
	void *data;
	struct err e;
	assert_int_equal(yaml_parse(buf_view(&text), "big", &schema, &data, &e), ERR_TOO_LARGE);
	assert_null(data);
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_too_large),
	};
	return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
