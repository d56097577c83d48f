/* What Windows' own editors and shells make of a text. */
#include "agent/config.h"
#include "agent/written.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(bytes)              \
	{                            \
		bytes, sizeof(bytes) - 1 \
	}
static const struct {
	struct str written;
	const char *is;
} rows[] = {
	{TEXT("plain\n"), "plain\n"},
	{TEXT(""), ""},
	{TEXT("\xef\xbb\xbfmarked\r\n"), "marked\r\n"},
	{TEXT("\xff\xfe"), ""},
	{TEXT("\xff\xfe"
		  "a\0b\0\r\0\n\0"),
		"ab\r\n"},
	{TEXT("\xfe\xff\0a\0b"), "ab"},
	{TEXT("\xff\xfe\xe9\0\xac\x20\x3d\xd8\x00\xde"), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
	/* half a pair, alone, before another character and at the end; half a unit */
	{TEXT("\xff\xfe\x3d\xd8x\0\x3d\xd8"), "\xef\xbf\xbdx\xef\xbf\xbd"},
	{TEXT("\xff\xfe\0\xdex\0y"), "\xef\xbf\xbdx"},
};

static void test_texts(void **state)
{
	char folder[] = "/tmp/wheelfarm-written-XXXXXX";
	assert_non_null(mkdtemp(folder));
	char *path = file_join(folder, "text");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf out = {0};
		struct err e = {0};
		assert_int_equal(file_write_atomic(path, rows[i].written, &e), 0);
		assert_int_equal(written_read(path, 100, &out, &e), 0);
		assert_int_equal(out.n, strlen(rows[i].is));
		assert_memory_equal(out.n != 0 ? out.p : "", rows[i].is, out.n);
		buf_finish(&out);
	}
	struct buf none = {0};
	assert_int_equal(written_read(folder, 100, &none, NULL) < 0, 1);
	file_remove_tree(folder, NULL);
	free(path);
}

/* A configuration of Notepad's, with a token of PowerShell's. */
static void test_configuration(void **state)
{
	char folder[] = "/tmp/wheelfarm-written-XXXXXX";
	assert_non_null(mkdtemp(folder));
	char *token = file_join(folder, "token");
	char *path = file_join(folder, "agent.json");
	char *text =
		str_format("\xef\xbb\xbf{\"coordinator\": \"http://127.0.0.1:9\", \"token_file\": \"%s\","
				   " \"workspace\": \"%s\", \"cache\": \"%s\"}\r\n",
			token, folder, folder);
	struct agent_config config;
	struct err e = {0};
	assert_int_equal(
		file_write_atomic(token, (struct str){"\xff\xfet\0o\0k\0e\0n\0\r\0\n\0", 16}, &e), 0);
	assert_int_equal(file_write_atomic(path, str_from(text), &e), 0);
	if (agent_config_read(path, true, &config, &e) != 0) {
		fail_msg("%s", e.text);
	}
	assert_string_equal(config.token, "token");
	agent_config_finish(&config);
	file_remove_tree(folder, NULL);
	free(text);
	free(path);
	free(token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_configuration),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
