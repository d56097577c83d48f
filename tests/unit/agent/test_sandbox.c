#include "agent/sandbox.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test-sandbox-XXXXXX";

static int setup(void **state)
{
	assert_non_null(mkdtemp(folder));
	char *usr = file_join(folder, "usr");
	char *etc = file_join(folder, "etc");
	char *bin = file_join(folder, "bin");
	mkdir(usr, 0755);
	mkdir(etc, 0755);
	assert_int_equal(symlink("usr/bin", bin), 0);
	free(usr);
	free(etc);
	free(bin);
	return 0;
}

static int teardown(void **state)
{
	return file_remove_tree(folder, NULL);
}

/* The position of a run of words in argv, or -1. */
static int find(const struct text_list *argv, const char *const *words, size_t n)
{
	for (size_t i = 0; i + n <= argv->n; i++) {
		size_t same = 0;
		while (same < n && strcmp(argv->v[i + same], words[same]) == 0) {
			same++;
		}
		if (same == n) {
			return (int)i;
		}
	}
	return -1;
}
#define HAS(...)                                     \
	(find(&argv, (const char *const[]){__VA_ARGS__}, \
		 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)) >= 0)
#define PLACE(...)                                  \
	find(&argv, (const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void builds_see_the_image_read_only_and_no_network(void **state)
{
	struct arena a = {0};
	struct text_list argv = {0};
	struct sandbox_spec s = {.image = folder, .tmp = "/srv/tmp", .cwd = "/wheelfarm/src"};
	sandbox_bind(&s, &a, "/host/src", "/wheelfarm/src", true);
	sandbox_bind(&s, &a, "/host/sdk", "/wheelfarm/sdk", false);
	sandbox_bind_optional(&s, &a, "/host/maybe", "/maybe");
	text_list_add(&s.env, &a, "CFLAGS=");
	text_list_add(&s.env, &a, "LDSHARED=cc -shared");
	text_list_add(&s.argv, &a, "/usr/bin/python3");
	text_list_add(&s.argv, &a, "--version");
	assert_int_equal(sandbox_argv(&s, &a, &argv, NULL), 0);
	assert_string_equal(argv.v[0], "bwrap");
	assert_null(argv.v[argv.n]);
	assert_true(HAS("--unshare-all"));
	assert_true(HAS("--die-with-parent"));
	assert_true(HAS("--new-session"));
	assert_true(HAS("--clearenv"));
	assert_false(HAS("--share-net"));
	char *usr = file_join(folder, "usr");
	assert_true(HAS("--ro-bind", usr, "/usr"));
	assert_false(HAS("--bind", usr));
	assert_true(HAS("--symlink", "usr/bin", "/bin"));
	assert_true(HAS("--bind", "/srv/tmp", "/tmp"));
	assert_true(HAS("--bind", "/host/src", "/wheelfarm/src"));
	assert_true(HAS("--ro-bind", "/host/sdk", "/wheelfarm/sdk"));
	assert_true(HAS("--ro-bind-try", "/host/maybe", "/maybe"));
	assert_true(HAS("--setenv", "CFLAGS", ""));
	assert_true(HAS("--setenv", "LDSHARED", "cc -shared"));
	assert_true(HAS("--chdir", "/wheelfarm/src"));
	/* mount points are made in the root before it is closed, and options end before the command */
	assert_true(PLACE("/wheelfarm/src") < PLACE("--remount-ro", "/"));
	assert_true(PLACE("--remount-ro", "/") < PLACE("--", "/usr/bin/python3", "--version"));
	assert_false(HAS("/etc/resolv.conf"));
	free(usr);
	arena_finish(&a);
}

static void network_is_said_and_brings_names_and_certificates(void **state)
{
	struct arena a = {0};
	struct text_list argv = {0};
	struct sandbox_spec s = {.network = true};
	text_list_add(&s.private_env, &a, "PIP_INDEX_URL=http://user:password@index/");
	text_list_add(&s.argv, &a, "true");
	assert_int_equal(sandbox_argv(&s, &a, &argv, NULL), 0);
	assert_true(HAS("--share-net"));
	for (size_t i = 0; i < argv.n; i++) {
		assert_null(strstr(argv.v[i], "password"));
	}
	assert_false(HAS("--clearenv"));
	assert_true(HAS("--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"));
	/* of the host only programs are seen: no /etc as a whole, no homes, no /var */
	assert_false(HAS("/etc"));
	assert_false(HAS("/var"));
	assert_false(HAS("/root"));
	assert_false(HAS("/home"));
	arena_finish(&a);
}

static void an_image_without_usr_is_refused(void **state)
{
	struct arena a = {0};
	struct text_list argv = {0};
	struct err e = {0};
	struct sandbox_spec s = {.image = "/proc/self"};
	text_list_add(&s.argv, &a, "true");
	assert_int_equal(sandbox_argv(&s, &a, &argv, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "/proc/self"));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_see_the_image_read_only_and_no_network),
		cmocka_unit_test(network_is_said_and_brings_names_and_certificates),
		cmocka_unit_test(an_image_without_usr_is_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
