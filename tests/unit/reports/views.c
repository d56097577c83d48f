#include "views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400000 };

static const char *const pythons[] = {
	"cp310", "cp311", "cp312", "cp313", "cp313t", "cp314", "cp314t", "cp315"};
static const char *const platforms[] = {
	"manylinux_2_28_aarch64", "musllinux_1_2_aarch64", "win_arm64"};
static const char *const families[] = {"glibc", "musl", "windows"};
enum { PYTHONS = 8, PLATFORMS = 3, TARGETS = PYTHONS * PLATFORMS };

static const char *target_name(struct arena *a, const char *python, const char *platform)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "%s-%s", python, platform);
	return arena_copy(a, text, (size_t)n);
}

static const char *file_name(struct arena *a, const char *tags, const char *platform)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "cryptography-50.0.2-%s-%s.whl", tags, platform);
	return arena_copy(a, text, (size_t)n);
}

static void fill_stages(struct build_view *b, enum stage last, bool failed)
{
	int64_t at = 0;
	for (size_t i = 0; i <= last; i++) {
		b->stages[i] = (struct stage_view){
			.stage = (enum stage)i,
			.status = failed && i == last ? STAGE_STATUS_FAIL : STAGE_STATUS_PASS,
			.wall_s = 0.4 + 3.7 * (double)i,
			.cpu_s = 0.3 + 3 * (double)i,
			.peak_memory = (int64_t)(i + 1) * 37 * 1048576,
			.io_read = (int64_t)i * 4096,
			.io_write = (int64_t)i * 123 * 4096,
			.limits =
				i == STAGE_FETCH ? "wall idle tree(cgroup v1)" : "wall idle memory(cgroup v1)",
			.log_from = at,
			.log_to = at,
		};
	}
}

static struct build_view failed_build(int64_t job, const char *target)
{
	struct build_view b = {
		.job = job,
		.kind = "build",
		.package = "cryptography",
		.version = "50.0.2",
		.target = target,
		.mode = "cross",
		.job_state = "done",
		.state = "fail",
		.stage = "build",
		.reason = "missing_c_library",
		.owner = "toolchain",
		.line = "error: could not find OpenSSL headers for target aarch64-pc-windows-gnullvm",
		.date = VIEWS_NOW - 2 * (int64_t)DAY,
		.seconds = 74.3,
		.attempts = 1,
	};
	fill_stages(&b, STAGE_BUILD, true);
	return b;
}

static const char *const proven_imports[] = {"cryptography", "cryptography.hazmat.bindings._rust"};

static struct build_view passed_build(int64_t job, const char *target, bool proven)
{
	struct build_view b = {
		.job = job,
		.kind = "build",
		.package = "cryptography",
		.version = "50.0.2",
		.target = target,
		.mode = "cross",
		.job_state = "done",
		.state = "pass",
		.executor = proven ? "qemu" : NULL,
		.proven = proven,
		.date = VIEWS_NOW - 3 * (int64_t)DAY,
		.seconds = 192,
		.attempts = 1,
		.wheel = "cryptography-50.0.2-cp313-abi3-win_arm64.whl",
		.wheel_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		.wheel_size = 3512000,
		.imports = (const char **)proven_imports,
		.import_count = proven ? 2 : 0,
		.tests_passed = proven ? 3412 : 0,
	};
	fill_stages(&b, proven ? STAGE_TEST : STAGE_INSPECT, false);
	return b;
}

static void fill_target(struct arena *a, struct target_view *t, size_t platform, size_t python)
{
	bool free_threaded = strchr(pythons[python], 't') != NULL;
	*t = (struct target_view){
		.target = target_name(a, pythons[python], platforms[platform]),
		.python = pythons[python],
		.free_threaded = free_threaded,
		.platform = platforms[platform],
		.family = families[platform],
		.headline = "ready",
		.version = "50.0.2",
		.since = VIEWS_NOW - 400 * (int64_t)DAY,
		.dependencies = "unknown",
		.published =
			{
				.state = "wheel",
				.version = "50.0.2",
				.file = file_name(
					a, free_threaded ? "cp314-cp314t" : "cp311-abi3", platforms[platform]),
				.newest_version = "50.0.2",
				.newest_date = VIEWS_NOW - 9 * (int64_t)DAY,
				.first_version = "3.4.7",
				.first_date = VIEWS_NOW - 2000 * (int64_t)DAY,
			},
	};
	if (platform == 2) {
		t->headline = "vanished";
		t->since = VIEWS_NOW - 298 * (int64_t)DAY;
		t->published = (struct published_view){
			.state = "sdist",
			.version = "50.0.2",
			.newest_version = "46.0.3",
			.newest_date = VIEWS_NOW - 400 * (int64_t)DAY,
			.behind = 14,
			.first_version = "46.0.0",
			.first_date = VIEWS_NOW - 432 * (int64_t)DAY,
			.emulated_alternative = true,
			.vanished = "46.0.3",
		};
	}
	if (free_threaded && python == 4) {
		t->headline = "missing";
		t->published = (struct published_view){.state = "sdist", .version = "50.0.2", .behind = -1};
		t->has_build = true;
		t->build = failed_build(23, t->target);
	}
	if (python == 0) {
		t->headline = "not_applicable";
		t->version = NULL;
		t->published = (struct published_view){.state = "python_excluded", .behind = -1};
	}
	if (strcmp(t->target, "cp313-win_arm64") == 0) {
		t->has_build = true;
		t->build = passed_build(21, t->target, false);
	}
	if (strcmp(t->target, "cp313-musllinux_1_2_aarch64") == 0) {
		t->headline = "builds";
		t->proven = true;
		t->published = (struct published_view){.state = "sdist", .version = "50.0.2", .behind = -1};
		t->has_build = true;
		t->build = passed_build(22, t->target, true);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct target_view *)a)->target, ((const struct target_view *)b)->target);
}

void views_package(struct package_view *v)
{
	static const char *const versions[] = {"50.0.2", "49.0.0", "48.0.1", "47.0.0", "46.0.5",
		"46.0.4", "46.0.3", "46.0.2", "46.0.1", "46.0.0", "45.0.7", "45.0.0", "44.0.3", "44.0.0",
		"43.0.3", "43.0.0"};
	enum { RELEASES = sizeof(versions) / sizeof(*versions) };
	*v = (struct package_view){
		.name = "cryptography",
		.display = "cryptography",
		.rank = 13,
		.downloads = 1104000000,
		.scanned = VIEWS_NOW - 3 * INT64_C(3600000),
		.newest = "50.0.2",
		.newest_date = VIEWS_NOW - 53 * (int64_t)DAY,
		.target_count = TARGETS,
		.release_count = RELEASES,
		.build_count = 3,
	};
	v->targets = arena_new(&v->arena, TARGETS * sizeof(*v->targets));
	for (size_t i = 0; i < TARGETS; i++) {
		fill_target(&v->arena, &v->targets[i], i / PYTHONS, i % PYTHONS);
	}
	qsort(v->targets, TARGETS, sizeof(*v->targets), by_name);
	v->releases = arena_new(&v->arena, RELEASES * sizeof(*v->releases));
	for (size_t i = 0; i < RELEASES; i++) {
		v->releases[i] = (struct release_view){
			.version = versions[i],
			.date = VIEWS_NOW - (53 + 30 * (int64_t)i) * DAY,
			.glibc = true,
			.musl = i < 14,
			.windows = i >= 6 && i <= 9,
			.sdist = true,
		};
	}
	v->builds = arena_new(&v->arena, 3 * sizeof(*v->builds));
	v->builds[0] = failed_build(23, "cp313t-win_arm64");
	v->builds[1] = passed_build(22, "cp313-musllinux_1_2_aarch64", true);
	v->builds[2] = passed_build(21, "cp313-win_arm64", false);
}

void views_package_hostile(struct package_view *v)
{
	*v = (struct package_view){
		.name = "<script>alert(1)</script>",
		.display = "\"><img src=x onerror=alert(2)>\x1b[2J\xE2\x80\xAE",
		.downloads = -1,
		.scanned = VIEWS_NOW,
		.newest = "1'\"<b>",
		.status = "<i>archived</i>",
		.problem = "page: \xFF\xFE</p><script src=//x>\r\n",
		.target_count = 1,
		.release_count = 1,
	};
	v->targets = arena_new(&v->arena, sizeof(*v->targets));
	v->targets[0] = (struct target_view){
		.target = "cp313-win_arm64",
		.headline = "\" onmouseover=\"x",
		.version = "</b>",
		.published = {.state = "<u>", .behind = -1, .file = "javascript:alert(1)"},
		.has_build = true,
		.build = failed_build(1, "cp313-win_arm64"),
	};
	v->targets[0].build.line = "</code><script>alert(3)</script>\x07\x08";
	v->targets[0].build.reason = "<reason>";
	v->targets[0].build.stage = "<stage>";
	v->releases = arena_new(&v->arena, sizeof(*v->releases));
	v->releases[0] = (struct release_view){.version = "<0>", .yanked = true};
}

void views_package_never_scanned(struct package_view *v)
{
	*v = (struct package_view){
		.name = "a-package-with-a-name-that-is-as-long-as-somebody-could-make-it-without-any-"
				"space-in-which-a-line-may-break-on-a-phone",
		.downloads = -1,
		.target_count = 1,
	};
	v->targets = arena_new(&v->arena, sizeof(*v->targets));
	v->targets[0] = (struct target_view){.target = "cp313-win_arm64", .headline = "unknown"};
}

static void add_line(struct buf *text, size_t n)
{
	buf_printf(text,
		"  [%zu/600] aarch64-windows-gnu-cc -O2 -Isrc -c src/_cffi_src/openssl/part%zu.c -o "
		"build/part%zu.o\n",
		n, n, n);
}

void views_job_failed(struct job_view *v, struct buf *text)
{
	*v = (struct job_view){
		.build = failed_build(23, "cp313t-win_arm64"),
		.key = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
		.created = VIEWS_NOW - 2 * (int64_t)DAY - 100000,
		.started = VIEWS_NOW - 2 * (int64_t)DAY - 74300,
		.finished = VIEWS_NOW - 2 * (int64_t)DAY,
		.agent = "local-1",
		.toolchain = "zig 0.17.1",
		.builder_image = "trixie-amd64-builder-1 sha256:0a1b2c",
		.sandbox = "bubblewrap 0.8.0, uid 60001, cgroup v1",
		.recipe_commit = "8c7de11a0b5e0d9f7c6b0a1e2d3c4b5a69788796",
		.recipe_dirty = true,
		.spec = "{\"id\":23,\"package\":\"cryptography\",\"limits\":{\"wall_s\":1800}}",
		.log = {.sha256 = "ab", .blob = "cd"},
	};
	struct stage_view *s = v->build.stages;
	buf_add_text(text, "fetch cryptography-50.0.2.tar.gz, 750321 bytes\n");
	s[STAGE_FETCH].log_to = s[STAGE_UNPACK].log_from = s[STAGE_UNPACK].log_to =
		s[STAGE_PREPARE].log_from = (int64_t)text->n;
	for (size_t i = 0; i < 90; i++) {
		buf_printf(text, "Collecting requirement-%zu==1.%zu\n", i, i);
	}
	s[STAGE_PREPARE].log_to = s[STAGE_BUILD].log_from = (int64_t)text->n;
	for (size_t i = 1; i <= 600; i++) {
		add_line(text, i);
	}
	buf_add_text(text, "\x1b[1;31mwarning\x1b[0m: <script>alert('log')</script> & \"quotes\"\n");
	buf_add_text(
		text, "progress 10%\rprogress 20%\rdone\x1b[2K\x07\x08 bytes \xFF\xC0 \xE2\x80\xAEtxt\n");
	for (size_t i = 0; i < 300; i++) {
		buf_add_text(text, "a-very-long-line-");
	}
	buf_add_text(text, "\n");
	buf_printf(text, "\x1b[31m%s\x1b[0m\n", v->build.line);
	for (size_t i = 601; i <= 900; i++) {
		add_line(text, i);
	}
	s[STAGE_BUILD].log_to = v->log.size = (int64_t)text->n;
}

void views_job_passed(struct job_view *v, struct buf *text)
{
	views_job_failed(v, text);
	v->build = passed_build(22, "cp313-musllinux_1_2_aarch64", true);
	v->build.stages[STAGE_BUILD].log_to = (int64_t)text->n;
	v->import_count = 2;
	v->imports = arena_new(&v->arena, 2 * sizeof(*v->imports));
	v->imports[0] = (struct import_view){.module = "cryptography", .ok = true};
	v->imports[1] = (struct import_view){
		.module = "cryptography.hazmat.bindings._rust", .ok = true, .native = true};
	v->artefact_count = 1;
	v->artefacts = arena_new(&v->arena, sizeof(*v->artefacts));
	v->artefacts[0] = (struct artefact_view){
		.filename = v->build.wheel,
		.sha256 = v->build.wheel_sha256,
		.size = v->build.wheel_size,
		.kind = "wheel",
		.kept = true,
	};
	v->inspect = "{\"ok\":true,\"depth\":\"full\",\"problems\":[]}";
}

void views_job_running(struct job_view *v, struct buf *text)
{
	views_job_failed(v, text);
	struct build_view b = {
		.job = 24,
		.kind = "build",
		.package = "cryptography",
		.version = "50.0.2",
		.target = "cp313-win_arm64",
		.mode = "cross",
		.job_state = "leased",
		.stage = "build",
		.date = VIEWS_NOW,
		.attempts = 1,
	};
	v->build = b;
	v->finished = 0;
	v->log.live = "live";
	v->log.sha256 = v->log.blob = NULL;
}

void views_packages(struct packages_view *v)
{
	static const struct {
		const char *name;
		int64_t rank;
		const char *strip[PLATFORMS]; /* first letter of the headline a Python */
		const char *headline;
		const char *why;
	} rows[] = {
		{"boto3", 1, {"rrrrrrrr", "rrrrrrrr", "rrrrrrrr"}, "ready", NULL},
		{"cryptography", 13, {"nrrrmrrr", "nrrbmrrr", "nvvbmvmv"}, "builds",
			"shipped 46.0.0 to 46.0.3"},
		{"charset-normalizer", 9, {"rrrrrrrr", "rrrrrrrr", "rrrrdrdr"}, "degraded", NULL},
		{"grpcio", 85, {"rrrrmrmr", "rrrrmrmr", "mmmmmmmm"}, "missing",
			"compiler_dialect: error: use of undeclared identifier '_InterlockedExchange'"},
		{"pyiceberg", 711, {"rrrrrrrr", "rrrrrrrr", "kkkkkkkk"}, "blocked", "waits for pyarrow"},
		{"needle", 14012, {"rrrrrrrr", "xxxxxxxx", "rrrrrrrr"}, "ready", NULL},
		{"never-looked-at", 0, {"uuuuuuuu", "uuuuuuuu", "uuuuuuuu"}, "unknown", NULL},
	};
	static const struct {
		char letter;
		const char *word;
	} letters[] = {{'r', "ready"}, {'d', "degraded"}, {'b', "builds"}, {'k', "blocked"},
		{'x', "broken"}, {'v', "vanished"}, {'m', "missing"}, {'n', "not_applicable"},
		{'u', "unknown"}};
	enum { ROWS = sizeof(rows) / sizeof(*rows) };
	*v = (struct packages_view){
		.target_count = TARGETS, .target = "cp313-win_arm64", .row_count = ROWS, .total = 1095};
	v->targets = arena_new(&v->arena, TARGETS * sizeof(*v->targets));
	for (size_t i = 0; i < TARGETS; i++) {
		v->targets[i] = target_name(&v->arena, pythons[i % PYTHONS], platforms[i / PYTHONS]);
	}
	v->rows = arena_new(&v->arena, ROWS * sizeof(*v->rows));
	for (size_t r = 0; r < ROWS; r++) {
		struct package_row *row = &v->rows[r];
		*row = (struct package_row){
			.name = rows[r].name,
			.rank = rows[r].rank,
			.downloads = -1,
			.newest = "1.2.3",
			.why = rows[r].why,
			.headline = rows[r].headline,
			.strip = arena_new(&v->arena, TARGETS * sizeof(*row->strip)),
		};
		for (size_t i = 0; i < TARGETS; i++) {
			for (size_t k = 0; k < sizeof(letters) / sizeof(*letters); k++) {
				if (letters[k].letter == rows[r].strip[i / PYTHONS][i % PYTHONS]) {
					row->strip[i] = letters[k].word;
				}
			}
		}
	}
}

static void fill_summary(struct target_summary *s, const char *target, int64_t ready)
{
	*s = (struct target_summary){.target = target, .family = "glibc", .packages = 15000};
	const int64_t counts[9] = {ready, 300, 40, 120, 9, 33, 14500 - ready, 400, 98};
	for (size_t i = 0; i < 9; i++) {
		s->counts[i].packages = counts[i];
		s->counts[i].downloads = counts[i] * 1000;
		s->downloads += counts[i] * 1000;
	}
}

void views_overview(struct overview_view *v)
{
	*v = (struct overview_view){
		.packages = 15000,
		.scanned = VIEWS_NOW - 2 * INT64_C(3600000),
		.summary_count = 5,
		.default_count = 3,
		.change_count = 3,
		.build_count = 3,
		.jobs_queued = 12,
		.jobs_leased = 2,
		.jobs_passed = 40,
		.jobs_failed = 7,
	};
	v->summaries = arena_new(&v->arena, 5 * sizeof(*v->summaries));
	fill_summary(&v->summaries[0], "cp313-manylinux_2_28_aarch64", 14100);
	fill_summary(&v->summaries[1], "cp313-musllinux_1_2_aarch64", 13600);
	fill_summary(&v->summaries[2], "cp313-win_arm64", 12900);
	fill_summary(&v->summaries[3], "cp314-win_arm64", 12700);
	fill_summary(&v->summaries[4], "cp314t-win_arm64", 10004);
	v->changes = arena_new(&v->arena, 3 * sizeof(*v->changes));
	static const char *const one[] = {"cp313-win_arm64"};
	static const char *const two[] = {"cp315-win_arm64", "cp315t-win_arm64"};
	v->changes[0] = (struct store_change){.kind = CHANGE_VANISHED,
		.at = VIEWS_NOW - DAY,
		.package = "faiss-cpu",
		.version = "1.14.2",
		.targets = (const char **)one,
		.target_count = 1,
		.was = HEADLINE_READY,
		.became = HEADLINE_VANISHED,
		.was_fact = 'w',
		.became_fact = 'S'};
	v->changes[1] = (struct store_change){.kind = CHANGE_APPEARED,
		.at = VIEWS_NOW - DAY,
		.package = "safetensors",
		.version = "0.8.0",
		.targets = (const char **)one,
		.target_count = 1,
		.was = HEADLINE_MISSING,
		.became = HEADLINE_READY,
		.was_fact = 's',
		.became_fact = 'w'};
	v->changes[2] = (struct store_change){.kind = CHANGE_APPEARED,
		.at = VIEWS_NOW - 2 * (int64_t)DAY,
		.package = "markupsafe",
		.version = "3.0.4",
		.targets = (const char **)two,
		.target_count = 2,
		.was = HEADLINE_UNKNOWN,
		.became = HEADLINE_BUILDS,
		.was_fact = '?',
		.became_fact = '?'};
	v->builds = arena_new(&v->arena, 3 * sizeof(*v->builds));
	v->builds[0] = failed_build(23, "cp313t-win_arm64");
	v->builds[1] = passed_build(22, "cp313-musllinux_1_2_aarch64", true);
	v->builds[2] = passed_build(21, "cp313-win_arm64", false);
}
