/* fetch: the source by its hash, and the recipe's patches. Network, but nothing foreign runs. */
#include "agent/commands.h"
#include "agent/stage_child.h"
#include "agent/stages.h"
#include "core/io/fetch.h"
#include "core/io/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- the child: one file over HTTP --- */

struct download {
	FILE *file;
	struct sha256 *hash;
	uint64_t size;
	uint64_t limit;
	bool over;
	bool full; /* our disk, not their bytes */
	long status;
	int code;
	char text[512];
};

enum { SOURCE_BYTES_MAX = 2 * 1000 * 1000 * 1000 };

static int on_body(void *user, const struct fetch_response *r, struct str piece, struct err *e)
{
	struct download *d = user;
	if (r->status != 200) {
		return 0; /* an error page; the status says enough */
	}
	if (d->size + piece.n > d->limit) {
		d->over = true;
		return err_set(e, ERR_TOO_LARGE, "more than %llu bytes", (unsigned long long)d->limit);
	}
	if (fwrite(piece.p, 1, piece.n, d->file) != piece.n) {
		d->full = true;
		return err_set(e, -errno, "cannot be written: %s", strerror(errno));
	}
	sha256_add(d->hash, piece.p, piece.n);
	d->size += piece.n;
	return 0;
}

static void on_end(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct download *d = user;
	d->code = code;
	d->status = code == 0 ? r->status : 0;
	if (code != 0) {
		snprintf(d->text, sizeof(d->text), "%s", e->text);
	}
}

static int judge_download(const struct download *d, const char *url, const char *sha256)
{
	if (d->full) {
		return stage_child_fail(REASON_CODE_HOST_DISK, "%s: %s", url, d->text);
	}
	if (d->over) {
		return stage_child_fail(REASON_CODE_HASH_MISMATCH, "%s: larger than the index says", url);
	}
	if (d->code != 0) {
		return stage_child_fail(REASON_CODE_NETWORK, "%s", d->text);
	}
	if (d->status == 404 || d->status == 410) {
		return stage_child_fail(
			REASON_CODE_NO_SDIST, "%s: HTTP %ld: the file is gone", url, d->status);
	}
	if (d->status != 200) {
		return stage_child_fail(REASON_CODE_NETWORK, "%s: HTTP %ld", url, d->status);
	}
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];
	sha256_end(d->hash, digest);
	sha256_hex(digest, hex);
	if (strcmp(hex, sha256) != 0) {
		return stage_child_fail(
			REASON_CODE_HASH_MISMATCH, "%s: sha256 is %s, the index says %s", url, hex, sha256);
	}
	printf("%s: %llu bytes, sha256 %s\n", url, (unsigned long long)d->size, hex);
	return 0;
}

int stage_child_fetch(int argc, char **argv)
{
	const char *url = argv[0];
	uint64_t size = 0;
	str_to_u64(str_from(argv[2]), &size);
	struct download d = {.limit = size != 0 ? size : SOURCE_BYTES_MAX};
	d.file = fopen(argv[3], "wbx");
	if (d.file == NULL) {
		return stage_child_fail(REASON_CODE_AGENT_FAULT, "%s: %s", argv[3], strerror(errno));
	}
	d.hash = sha256_create();
	uv_loop_t loop;
	uv_loop_init(&loop);
	struct fetch_options options = {.user_agent = "wheelfarm-agent/" WHEELFARM_VERSION};
	struct fetch *client = fetch_create(&loop, &options);
	/* the bytes as they are, whatever a server thinks of .gz: their hash counts */
	static const char *const headers[] = {"Accept-Encoding: identity", NULL};
	struct fetch_request request = {
		.url = url,
		.headers = headers,
		.limit = UINT64_MAX,
		.timeout_ms = INT32_MAX, /* the stage's own limits hold */
		.on_body = on_body,
		.on_end = on_end,
		.user = &d,
	};
	fetch_start(client, &request);
	uv_run(&loop, UV_RUN_DEFAULT);
	fetch_destroy(client);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	if (fclose(d.file) != 0 && d.code == 0) {
		d.full = true;
		snprintf(d.text, sizeof(d.text), "%s", strerror(errno));
	}
	int code = judge_download(&d, url, argv[1]);
	sha256_destroy(d.hash);
	return code;
}

/* --- the steps --- */

static void fetch(struct job_run *run, struct step *s, const struct job_file *source)
{
	if (source->url == NULL) {
		s->kind = STEP_BLOB;
		s->blob = source->sha256;
		s->blob_path = arena_printf(
			&run->step_arena, "%s/%s", run->workspace.parts[WORKSPACE_IN], source->filename);
		return;
	}
	step_of_ours(run, s, "fetch");
	step_network(run, s);
	step_part(run, s, WORKSPACE_IN, true);
	if (run->setup.config->ca_file != NULL) {
		sandbox_bind(
			&s->sandbox, &run->step_arena, run->setup.config->ca_file, INSIDE "/ca.pem", false);
		step_env(run, s, "CURL_CA_BUNDLE=" INSIDE "/ca.pem");
	}
	step_arg(run, s, source->url);
	step_arg(run, s, source->sha256);
	step_argf(run, s, "%lld", (long long)source->size);
	step_argf(run, s, INSIDE_IN "/%s", source->filename);
}

static int plan_source(struct job_run *run, struct step *s, struct err *e)
{
	fetch(run, s, &run->job->source);
	return 0;
}

static int plan_tests(struct job_run *run, struct step *s, struct err *e)
{
	const struct job_file *sdist = job_sdist(run->job);
	if (sdist != NULL && sdist != &run->job->source) {
		fetch(run, s, sdist);
	}
	return 0;
}

/* Of a blob: what went wrong with it is the farm's, but a hash is what it is. */
static bool blob_is_there(struct job_run *run, const struct step_end *end)
{
	if (end->code == 0) {
		commands_add(
			run, "cp \"$old/in/%s\" \"$work/in/\"\n", strrchr(run->now.blob_path, '/') + 1);
		return true;
	}
	bool hash = end->code == ERR_HASH_MISMATCH;
	bool disk = end->code == -ENOSPC;
	job_run_fail(run,
		hash       ? REASON_CODE_HASH_MISMATCH
			: disk ? REASON_CODE_HOST_DISK
				   : REASON_CODE_NETWORK,
		"%s", end->text);
	return false;
}

static enum step_next judge_source(struct job_run *run, const struct step_end *end)
{
	if (run->now.kind == STEP_BLOB) {
		blob_is_there(run, end);
		return STEP_ON;
	}
	return step_judge_ours(run, end);
}

static int plan_patch(struct job_run *run, struct step *s, struct err *e)
{
	if (run->patch == run->job->recipe.patches.n) {
		run->patch = 0;
		return 0;
	}
	const struct job_patch *patch =
		(const struct job_patch *)run->job->recipe.patches.v + run->patch;
	s->kind = STEP_BLOB;
	s->blob = patch->sha256;
	s->blob_path = arena_printf(
		&run->step_arena, "%s/patch-%zu", run->workspace.parts[WORKSPACE_IN], run->patch);
	return 0;
}

static enum step_next judge_patch(struct job_run *run, const struct step_end *end)
{
	if (blob_is_there(run, end)) {
		run->patch++;
	}
	return STEP_AGAIN;
}

static const struct stage_step steps[] = {
	{plan_source, judge_source},
	{plan_tests, judge_source},
	{plan_patch, judge_patch},
};
const struct stage_row stage_fetch_row = {STAGE_FETCH, steps, sizeof(steps) / sizeof(*steps)};
