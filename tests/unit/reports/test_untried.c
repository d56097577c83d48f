#include "reports/untried.h"
#include "reports/page.h"
#include "views.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define MARK "Not yet run on real hardware."
#define HELLO(toolchains)                                                                      \
	"{\"protocol\": 1, \"version\": \"0.1\", \"clock\": 1, \"slots\": 1, \"capabilities\": "   \
	"{\"os\": "                                                                                \
	"\"windows\", \"arch\": \"aarch64\", \"modes\": [\"native\"], \"toolchains\": " toolchains \
	", \"images\": [\"windows-arm64-1\"]}}"

static const struct page_assets test_assets = {"/style.css", "/script.js", "/icon.svg"};
static const struct page test_page = {
	.assets = &test_assets, .now = VIEWS_NOW, .base = "http://farm.example", .python = "cp313"};

static void test_what_nobody_has_seen_run(void **state)
{
	static const struct {
		const char *kind, *target, *mode, *toolchain;
		bool is;
	} rows[] = {
		{"build", "cp313-win_arm64", "native", NULL, true},
		{"build", "cp313-win_arm64", "cross", "zig 0.17.1", false},
		{"build", "cp313-win_arm64", "cross", "msvc, Visual Studio 2022 17.14", true},
		{"build", "cp313-manylinux_2_28_aarch64", "native", NULL, false},
		{"build", "cp313-win_arm64", NULL, NULL, false},
		{"build", NULL, "native", NULL, false},
		{"test_built", "cp313-win_arm64", "native", "", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct build_view b = {.kind = rows[i].kind,
			.target = rows[i].target,
			.mode = rows[i].mode,
			.toolchain = rows[i].toolchain};
		assert_int_equal(untried_build(&b), rows[i].is);
	}
	assert_true(untried_agent(HELLO("[\"msvc\"]")));
	assert_true(untried_agent(HELLO("[\"cross-zig\", \"msvc\"]")));
	assert_false(untried_agent(HELLO("[\"cross-zig\"]")));
	assert_false(untried_agent(HELLO("[]")));
	assert_false(untried_agent("{"));
	assert_false(untried_agent(NULL));
}

static bool has_mark(struct html *h)
{
	assert_int_equal(html_end(h, NULL), 0);
	bool found = strstr(h->out->p, MARK) != NULL;
	buf_finish(h->out);
	return found;
}

static bool job_has_mark(const char *mode)
{
	struct buf page = {0};
	struct buf text = {0};
	struct html h = {.out = &page};
	struct job_view v;
	views_job_running(&v, &text); /* for cp313-win_arm64 */
	v.build.mode = mode;
	const struct job_log log = {.text = buf_view(&text), .size = (int64_t)text.n};
	html_page_job(&h, &test_page, &v, &log);
	arena_finish(&v.arena);
	buf_finish(&text);
	return has_mark(&h);
}

static bool package_has_mark(const char *mode)
{
	struct buf page = {0};
	struct html h = {.out = &page};
	struct package_view v;
	views_package(&v);
	for (size_t i = 0; i < v.target_count; i++) {
		if (v.targets[i].has_build && v.targets[i].build.target != NULL &&
			strstr(v.targets[i].build.target, "win") != NULL) {
			v.targets[i].build.mode = mode;
		}
	}
	html_page_package(&h, &test_page, &v);
	arena_finish(&v.arena);
	return has_mark(&h);
}

static bool farm_has_mark(const char *hello, const char *mode)
{
	struct buf page = {0};
	struct html h = {.out = &page};
	struct farm_agent agent = {.agent = {.id = 1,
								   .name = "laptop",
								   .version = "0.1",
								   .state = STORE_AGENT_ACTIVE,
								   .capabilities = hello}};
	struct farm_lease lease = {.agent = 1,
		.job = 24,
		.package = "cryptography",
		.version = "50.0.2",
		.target = "cp313-win_arm64",
		.mode = mode};
	const struct farm_view facts = {.agents = &agent,
		.agent_count = 1,
		.leases = mode != NULL ? &lease : NULL,
		.lease_count = mode != NULL};
	const struct farm_page farm = {.facts = &facts, .database_bytes = -1, .free_bytes = -1};
	html_page_farm(&h, &test_page, &farm);
	return has_mark(&h);
}

static void test_pages_say_so(void **state)
{
	assert_true(job_has_mark("native"));
	assert_false(job_has_mark("cross"));
	assert_true(package_has_mark("native"));
	assert_false(package_has_mark("cross"));
	assert_true(farm_has_mark(HELLO("[\"msvc\"]"), NULL));
	assert_true(farm_has_mark(NULL, "native"));
	assert_false(farm_has_mark(HELLO("[\"cross-zig\"]"), "cross"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_nobody_has_seen_run),
		cmocka_unit_test(test_pages_say_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
