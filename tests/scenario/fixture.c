#include "fixture.h"

#include "coordinator/queue/parts.h"
#include "coordinator/store/log.h"
#include "coordinator/store/package.h"
#include "coordinator/store/target.h"
#include "core/io/file.h"
#include "core/io/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t now_ms(void *user)
{
	return ((struct fixture *)user)->now;
}

static void must(int code, const struct err *e)
{
	if (code < 0) {
		mem_bug("test fixture: %s", e->text);
	}
}

void fixture_init(struct fixture *f, const char *folder)
{
	*f = (struct fixture){.now = 1000000000000};
	if (folder != NULL) {
		f->folder = str_dup(str_from(folder));
	} else {
		const char *base = getenv("TMPDIR");
		f->folder = str_format("%s/wheelfarm-test-XXXXXX", base != NULL ? base : "/tmp");
		if (mkdtemp(f->folder) == NULL) {
			mem_bug("no folder %s", f->folder);
		}
	}
	f->database = file_join(f->folder, "facts.db");
	struct err e = {0};
	char *blobs = file_join(f->folder, "store");
	must(blob_store_open(&f->blobs, blobs, &e), &e);
	free(blobs);
	uv_loop_init(&f->loop);
}

static void classify(void *user, enum stage stage, struct str log, struct classify_answer *out)
{
	const struct fixture *f = user;
	(void)stage;
	*out = (struct classify_answer){.reason = f->classified, .offset = -1};
	ptrdiff_t found = str_find_text(log, STR("error:"));
	if (found >= 0) {
		struct str line = str_slice(log, (size_t)found, log.n);
		ptrdiff_t end = str_find(line, '\n');
		snprintf(out->line, sizeof(out->line), "%.*s", (int)(end >= 0 ? end : (ptrdiff_t)line.n),
			line.p);
	}
}

static int on_result(
	void *user, struct store *s, int64_t package, int64_t target, int64_t now, struct err *e)
{
	(void)s;
	(void)e;
	struct fixture *f = user;
	f->on_results += package > 0 && now > 0 ? 1 : 0;
	return 0;
}

static void on_event(void *user, const struct queue_event *event)
{
	const struct fixture *f = user;
	if (f->on_event != NULL) {
		f->on_event(event);
	}
}

static void on_ready(void *user, int code, const struct err *e)
{
	(void)user;
	must(code, e);
}

void fixture_start(struct fixture *f)
{
	struct err e = {0};
	struct store *s = NULL;
	must(store_open(f->database, STORE_WRITE, &s, &e), &e);
	must(store_writer_start(&f->loop, s, &f->writer, &e), &e);
	char *live = store_log_live_folder(f->database);
	struct queue_options options = {
		.loop = &f->loop,
		.writer = f->writer,
		.clock = {now_ms, f},
		.blobs = &f->blobs,
		.live_folder = live,
		.fault_limit = 3,
		.tick_ms = -1,
		.classify = classify,
		.on_result = on_result,
		.on_event = on_event,
		.user = f,
		.canaries = f->canaries,
		.canary_count = f->canary_count,
	};
	f->queue = queue_create(&options, on_ready, NULL);
	free(live);
	fixture_settle(f);
}

void fixture_stop(struct fixture *f)
{
	queue_destroy(f->queue, NULL, NULL);
	f->queue = NULL;
	uv_run(&f->loop, UV_RUN_DEFAULT);
	store_writer_stop(f->writer, NULL, NULL);
	uv_run(&f->loop, UV_RUN_DEFAULT);
}

void fixture_finish(struct fixture *f)
{
	if (uv_loop_close(&f->loop) != 0) {
		mem_bug("test fixture: something is still open on the loop");
	}
	struct err e = {0};
	if (strstr(f->folder, "wheelfarm-test-") != NULL) {
		must(file_remove_tree(f->folder, &e), &e);
	}
	blob_store_finish(&f->blobs);
	free(f->folder);
	free(f->database);
}

void fixture_settle(struct fixture *f)
{
	while (f->queue->under_way > 0) {
		uv_run(&f->loop, UV_RUN_ONCE);
	}
}

void fixture_advance(struct fixture *f, int64_t ms)
{
	f->now += ms;
	queue_tick(f->queue);
	fixture_settle(f);
}

void fixture_write(struct fixture *f, store_write_fn fn, void *user)
{
	struct err e = {0};
	must(store_write_wait(f->writer, fn, user, &e), &e);
}

static int put_place(struct store *s, const struct fixture_job *j, struct err *e)
{
	int64_t package = 0;
	struct store_target target = {
		.name = j->target,
		.python = "3.13",
		.platform = strchr(j->target, '-') + 1,
		.family = strstr(j->target, "win") != NULL ? "windows" : "glibc",
	};
	int code = store_package_put(s, str_from(j->name), 0, -1, &package, e);
	return code == 0 ? store_target_put(s, &target, e) : code;
}

static const char sha_of_nothing[] =
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void describe(const struct fixture_job *j, struct job *out)
{
	*out = (struct job){
		.kind = j->kind,
		.package = j->name,
		.version = j->version,
		.mode = j->mode,
		.toolchain = j->toolchain != NULL ? j->toolchain : "any",
		.expect_native = j->expect_native,
		.executor = "",
		.target = {.name = j->target,
			.python = "3.13",
			.python_full = "3.13.5",
			.abi = "cp313",
			.platform = strchr(j->target, '-') + 1,
			.os = "windows",
			.arch = "arm64",
			.libc = "ucrt",
			.compiler_triple = "aarch64-windows-gnu",
			.extension_suffix = ".cp313-win_arm64.pyd",
			.host_platform = "win-arm64"},
		.builder = {.name = "builder", .revision = 1},
		.tester = {.name = ""},
		/* a job that tests a wheel needs none in its result */
		.source = {.filename = j->builds ? "a-1.0.tar.gz" : "a-1.0-py3-none-any.whl",
			.sha256 = sha_of_nothing},
		.limits = {.wall_s = j->wall_s,
			.idle_s = 10,
			.memory_mb = 100,
			.pids = 10,
			.disk_mb = 100,
			.log_mb = 1},
		.recipe = {.commit = "", .object = ""},
	};
}

int fixture_add_write(struct store *s, void *user, struct err *e)
{
	struct fixture_job *j = user;
	j->version = j->version != NULL ? j->version : "1.0";
	j->kind = j->kind != NULL ? j->kind : "control";
	j->target = j->target != NULL ? j->target : "cp313-win_arm64";
	j->mode = j->mode != NULL ? j->mode : "cross";
	j->wall_s = j->wall_s != 0 ? j->wall_s : 100;
	struct job job;
	struct store_needs needs = {0};
	describe(j, &job);
	if (j->toolchain != NULL) {
		needs.toolchains = (struct json_texts){&j->toolchain, 1};
	}
	if (j->image != NULL) {
		needs.images = (struct json_texts){&j->image, 1};
	}
	struct store_job_new add = {
		.key = j->key != NULL ? j->key : j->name,
		.job = &job,
		.needs = &needs,
		.priority = j->priority,
		.now = 1,
	};
	int code = put_place(s, j, e);
	if (code == 0) {
		code = store_job_add(s, &add, &j->added, e);
	}
	j->id = job.id;
	return code;
}

void fixture_add(struct fixture *f, struct fixture_job *job)
{
	fixture_write(f, fixture_add_write, job);
	queue_refresh(f->queue, NULL, NULL);
	fixture_settle(f);
}

static void split(const char *list, const char **out, size_t *count, struct arena *arena)
{
	struct str rest = str_from(list);
	struct str part;
	while (*count < 8 && str_split(&rest, ',', &part)) {
		out[(*count)++] = arena_copy(arena, part.p, part.n);
	}
}

struct admitted {
	char token[STORE_TOKEN];
};

static void on_admitted(void *user, int code, const char *token, const struct err *e)
{
	must(code, e);
	snprintf(((struct admitted *)user)->token, STORE_TOKEN, "%s", token);
}

static void on_greeted(void *user, int code, const struct err *e)
{
	(void)user;
	must(code, e);
}

void fixture_canary(struct arena *arena, const char *toolchain, struct queue_canary *out)
{
	struct fixture_job j = {.name = "wheelfarm-canary",
		.version = "1",
		.kind = "build",
		.target = "cp313-win_arm64",
		.mode = "cross",
		.toolchain = arena_copy(arena, toolchain, strlen(toolchain)),
		.wall_s = 100};
	struct job job;
	struct buf spec = {0};
	struct buf needs = {0};
	struct json_writer w;
	describe(&j, &job);
	job.id = QUEUE_CANARY_JOB;
	json_writer_init(&w, &spec, false);
	job_write(&w, &job);
	json_writer_finish(&w);
	const char **one = arena_new(arena, sizeof(*one));
	one[0] = j.toolchain;
	*out = (struct queue_canary){
		.target = "cp313-win_arm64",
		.key = "0000000000000000000000000000000000000000000000000000000000000000",
		.needs = {.toolchains = {one, 1}},
		.spec = arena_copy(arena, spec.p, spec.n),
	};
	store_needs_write(&needs, &out->needs);
	out->needs_text = arena_copy(arena, needs.p, needs.n);
	buf_finish(&needs);
	buf_finish(&spec);
}

void fixture_hello(
	struct fixture *f, struct queue_agent *a, const char *toolchain, const char *identity)
{
	struct hello hello = {
		.protocol = PROTOCOL_VERSION,
		.version = "test",
		.clock = f->now,
		.slots = 4,
		.capabilities =
			{
				.os = "linux",
				.arch = "x86_64",
				.toolchains = {&toolchain, 1},
				.identity = identity,
			},
	};
	queue_hello(f->queue, a, &hello, on_greeted, NULL);
	fixture_settle(f);
}

struct queue_agent *fixture_agent(
	struct fixture *f, const char *name, bool local, const char *toolchains, const char *images)
{
	struct admitted admitted = {0};
	struct arena arena = {0};
	struct err e = {0};
	const char *toolchain_list[8];
	const char *image_list[8];
	struct hello hello = {
		.protocol = PROTOCOL_VERSION,
		.version = "test",
		.clock = f->now,
		.slots = 4,
		.capabilities = {.os = "linux", .arch = "x86_64"},
	};
	queue_agent_add(f->queue, name, false, local, on_admitted, &admitted);
	fixture_settle(f);
	struct queue_agent *a = queue_authenticate(f->queue, str_from(admitted.token), &e);
	if (a == NULL) {
		mem_bug("test fixture: %s", e.text);
	}
	split(toolchains, toolchain_list, &hello.capabilities.toolchains.n, &arena);
	split(images, image_list, &hello.capabilities.images.n, &arena);
	hello.capabilities.toolchains.v = toolchain_list;
	hello.capabilities.images.v = image_list;
	queue_hello(f->queue, a, &hello, on_greeted, NULL);
	fixture_settle(f);
	arena_finish(&arena);
	return a;
}

char *fixture_result(const char *fence, const char *state, const char *stage, const char *reason)
{
	struct result_stage failed = {.stage = stage, .status = "fail"};
	struct result r = {
		.fence = fence,
		.state = state,
		.stage = stage,
		.reason = reason,
		.mode = "cross",
		.executor = "",
		.started = 1,
		.finished = 2,
		.stages = {&failed, stage != NULL ? 1 : 0},
	};
	struct buf text = {0};
	struct json_writer w;
	json_writer_init(&w, &text, false);
	result_write(&w, &r);
	json_writer_finish(&w);
	return buf_take(&text);
}

const char *fixture_code_word(int code)
{
	static const struct {
		int code;
		const char *word;
	} words[] = {
		{0, "ok"},
		{ERR_LEASE_LOST, "lease_lost"},
		{ERR_TIMEOUT, "nothing"},
		{ERR_NOT_FOUND, "gone"},
		{ERR_DENIED, "denied"},
		{ERR_CONFLICT, "conflict"},
		{ERR_INVALID, "invalid"},
		{ERR_BUSY, "busy"},
		{ERR_CANCELLED, "cancelled"},
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (words[i].code == code) {
			return words[i].word;
		}
	}
	return err_text(code);
}
