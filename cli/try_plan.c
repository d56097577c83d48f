#include "cli/try_plan.h"

#include "cli/agent_program.h"
#include "coordinator/plan/plan_control.h"
#include "coordinator/scan/scan.h"
#include "coordinator/store/writer.h"
#include "coordinator/verdict/published.h"
#include "core/base/clock.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "core/pep/name.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the page says, and which of its files is built. */
struct choice {
	struct store_file sdist;
	const char *version;
	bool expect_native;
};

/* --- the page of one package --- */

struct reading {
	uv_loop_t loop;
	struct scan_index index;
	struct store *store;
	struct store_writer *writer;
	struct scan_counts counts;
	char said[400]; /* what the scan says of the page */
};

static void on_report(void *user, const char *line)
{
	struct reading *r = user;
	snprintf(r->said, sizeof(r->said), "%s", line);
}

static void on_scanned(void *user, const struct scan_counts *counts)
{
	struct reading *r = user;
	r->counts = *counts;
}

static int open_facts(struct reading *r, const char *state, struct err *e)
{
	struct store *writing = NULL;
	char *path = file_join(state, "facts.db");
	(void)file_remove_tree(path, NULL); /* the page is asked for anew each time */
	int code = store_open(path, STORE_WRITE, &writing, e);
	if (code == 0) {
		code = store_writer_start(&r->loop, writing, &r->writer, e);
	}
	if (code == 0) {
		code = store_open(path, STORE_READ, &r->store, e);
	}
	free(path);
	return code;
}

static int scan_page(
	struct reading *r, const char *name, const struct plan_recipes *recipes, struct err *e)
{
	const struct package_item item = {.name = name, .downloads = -1};
	const struct scan_options options = {
		.loop = &r->loop,
		.index = &r->index,
		.store = r->store,
		.writer = r->writer,
		.targets = &recipes->targets,
		.scope = &recipes->scope,
		.packages = &item,
		.package_count = 1,
		.on_report = on_report,
		.on_end = on_scanned,
		.user = r,
	};
	scan_start(&options);
	uv_run(&r->loop, UV_RUN_DEFAULT);
	if (r->counts.failed != 0) {
		return err_set(e, ERR_NETWORK, "%s", r->said);
	}
	if (r->counts.absent + r->counts.bad != 0) {
		return err_set(e, ERR_NOT_FOUND, "%s", r->said);
	}
	return 0;
}

/* The file of the release asked for; of several (.tar.gz, .zip) the first. */
static const struct published_file *find_sdist(
	const struct published *p, const struct published_file *files, size_t n, const char *release)
{
	struct version wanted, found;
	for (size_t i = 0; i < n; i++) {
		struct str version;
		if (published_kind(p, i, &version) == FILENAME_SDIST &&
			version_parse(version, &found, NULL) == 0 &&
			version_parse(str_from(release), &wanted, NULL) == 0 &&
			version_compare(&found, &wanted) == 0) {
			return &files[i];
		}
	}
	return NULL;
}

static int choose(const struct try_asked *asked, const char *name, const struct recipe_target *t,
	const struct store_file *files, size_t n, struct arena *arena, struct choice *out,
	struct err *e)
{
	struct published_file *listed = arena_new(arena, (n + 1) * sizeof(*listed));
	for (size_t i = 0; i < n; i++) {
		listed[i] = (struct published_file){.filename = files[i].filename,
			.requires_python = files[i].requires_python,
			.yanked = files[i].yanked};
	}
	struct published *p = published_create(str_from(name), listed, n);
	struct published_fact fact;
	const struct pep_target *target = &t->pep;
	published_facts(p, &target, 1, &fact);
	bool is_wheel = fact.state == PUBLISHED_WHEEL || fact.state == PUBLISHED_PURE;
	const struct published_file *file = fact.sdist_file;
	if (asked->published) {
		file = is_wheel ? fact.file : NULL;
	} else if (asked->release != NULL) {
		file = find_sdist(p, listed, n, asked->release);
	}
	int code = 0;
	if (file == NULL) {
		code = err_set(e, ERR_NOT_FOUND, "%s: the index lists no %s of %s for %s", name,
			asked->published ? "wheel" : "sdist",
			asked->release != NULL ? asked->release : "a release", t->pep.name);
	} else {
		struct str version;
		(void)published_kind(p, (size_t)(file - listed), &version);
		out->sdist = files[file - listed];
		out->version = arena_copy(arena, version.p, version.n);
		out->expect_native = published_compiled(p, version);
	}
	published_destroy(p);
	return code;
}

static int from_index(const struct try_asked *asked, const char *name, const char *state,
	struct try_plan *plan, const struct recipe_target *t, struct choice *out, struct err *e)
{
	struct reading r = {0};
	struct store_package package;
	struct store_file *files;
	size_t count;
	uv_loop_init(&r.loop);
	int code = scan_index_find(asked->index, &r.index, e);
	if (code == 0) {
		code = open_facts(&r, state, e);
	}
	if (code == 0) {
		code = scan_page(&r, name, &plan->recipes, e);
	}
	if (code == 0) {
		code = store_package_get(r.store, str_from(name), &plan->arena, &package, e);
	}
	if (code == 0) {
		code = store_package_files(r.store, package.id, &plan->arena, &files, &count, e);
	}
	if (code == 0) {
		code = choose(asked, name, t, files, count, &plan->arena, out, e);
	}
	store_close(r.store);
	if (r.writer != NULL) {
		store_writer_stop(r.writer, NULL, NULL);
	}
	uv_run(&r.loop, UV_RUN_DEFAULT);
	uv_loop_close(&r.loop);
	scan_index_finish(&r.index);
	return code;
}

/* --- an sdist at hand --- */

static int from_file(
	const struct try_asked *asked, struct arena *arena, struct choice *out, struct err *e)
{
	char real[PATH_MAX];
	char hex[SHA256_HEX];
	uint64_t size;
	struct filename parts;
	if (realpath(asked->source, real) == NULL) {
		return err_set(e, ERR_USAGE, "%s cannot be read", asked->source);
	}
	const char *base = strrchr(real, '/') + 1;
	int code = filename_parse(str_from(base), &parts, e);
	if (code != 0 || parts.kind != FILENAME_SDIST) {
		return code != 0 ? code : err_set(e, ERR_USAGE, "%s is no sdist by its name", base);
	}
	code = sha256_of_file(real, hex, &size, e);
	if (code != 0) {
		return code;
	}
	struct buf text = {0};
	version_write(&parts.version, &text);
	out->version = arena_copy(arena, text.p, text.n);
	buf_clear(&text);
	buf_printf(&text, "file://%s", real);
	out->sdist = (struct store_file){
		.filename = str_from(arena_copy(arena, base, strlen(base))),
		.kind = "sdist",
		.url = str_from(arena_copy(arena, text.p, text.n)),
		.sha256 = str_from(arena_copy(arena, hex, SHA256_HEX - 1)),
		.size = (int64_t)size,
	};
	buf_finish(&text);
	return 0;
}

/* --- the job --- */

#define DEFAULT_PYTHON "cp313"

static const struct recipe_target *find_target(
	const struct try_asked *asked, const struct target_set *targets, struct err *e)
{
	const char *text = asked->target != NULL ? asked->target : "aarch64";
	const struct recipe_target *t = target_set_resolve(targets, str_from(text), DEFAULT_PYTHON, e);
	if (t != NULL && t->build_count == 0 && !asked->published) {
		err_set(e, ERR_USAGE, "nothing here builds for %s", t->pep.name);
		return NULL;
	}
	return t;
}

/* Images that only some configurations ask for, where this machine has them. */
static struct json_texts prepared_testers(const struct image_set *images, struct arena *arena)
{
	struct json_texts out = {.v = arena_new(arena, (images->n + 1) * sizeof(*out.v))};
	char *cache = agent_cache_folder();
	for (size_t i = 0; i < images->n; i++) {
		const struct recipe_image *image = &images->v[i];
		char *identity = str_format(
			"%s/images/%s-%lld/identity", cache, image->name, (long long)image->revision);
		if (!recipe_image_is_plain(image) && access(identity, F_OK) == 0) {
			out.v[out.n++] = image->name;
		}
		free(identity);
	}
	free(cache);
	return out;
}

/* As a farm plans it from a build that failed, in the first image that is a control of the target. */
static int make_control(struct try_plan *out, const struct recipe_target *t, struct err *e)
{
	const struct image_set *images = &out->recipes.images;
	struct buf spec = {0};
	struct json_writer w;
	json_writer_init(&w, &spec, false);
	job_write(&w, &out->job.job);
	json_writer_finish(&w);
	buf_add_char(&spec, '\0');
	const struct store_controlled build = {
		.key = out->job.key,
		.spec = arena_copy(&out->arena, spec.p, spec.n),
		.target = t->pep.name,
	};
	buf_finish(&spec);
	int code = err_set(e, ERR_USAGE, "nothing here is a control for %s", t->pep.name);
	for (size_t i = 0; code != 0 && i < images->n; i++) {
		if (images->v[i].target != NULL) {
			code = plan_control_make(
				&out->recipes, images->v[i].name, &build, &out->arena, &out->job, e);
		}
	}
	return code == ERR_UNSUPPORTED ? ERR_USAGE : code;
}

static int make_job(struct try_plan *out, const char *name, const struct recipe_target *t,
	const struct choice *choice, const struct try_asked *asked, struct err *e)
{
	const struct recipe_build *build = target_set_build(&out->recipes.targets, t, asked->mode);
	if (build == NULL) {
		return err_set(
			e, ERR_USAGE, "nothing here builds for %s by \"%s\"", t->pep.name, asked->mode);
	}
	const char *problem;
	const struct recipe *r = recipe_set_find(&out->recipes.recipes, str_from(name), &problem);
	if (problem != NULL) {
		return err_set(e, ERR_INVALID, "%s", problem);
	}
	char today[CLOCK_TEXT];
	clock_text(clock_wall_ms(), today);
	today[strlen("YYYY-MM-DD")] = '\0';
	out->recipe = r != NULL && recipe_admits(r, str_from(choice->version)) ? r : NULL;
	out->skip = out->recipe != NULL ? recipe_skip_find(r, str_from(t->pep.name), today) : NULL;
	const struct config config = {
		.limits = config_default_limits(),
		.testers = prepared_testers(&out->recipes.images, &out->arena),
	};
	const struct plan_pair pair = {
		.config = &config,
		.recipes = &out->recipes,
		.blobs = &out->blobs,
		.package = name,
		.version = choice->version,
		.sdist = &choice->sdist,
		.target = t,
		.build = build,
		.recipe = out->recipe,
		.expect_native = choice->expect_native,
	};
	int code = plan_job_make(&pair, &out->arena, &out->job, e);
	if (code == 0 && asked->control) {
		code = make_control(out, t, e);
	} else if (code == 0 && asked->published) {
		struct job *job = &out->job.job;
		job->kind = "test_published";
		job->mode = strcmp(job->executor, "native") == 0 ? "native" : "emulated";
		job->recipe.test_command.n = 0; /* the tests are in the sdist, which nobody downloads */
		job->recipe.patches.n = 0;
	}
	return code;
}

int try_plan(const struct try_asked *asked, const char *state, struct try_plan *out, struct err *e)
{
	char name[256];
	struct choice choice = {0};
	*out = (struct try_plan){0};
	if (!name_is_valid(str_from(asked->name)) ||
		!name_normalise_to(str_from(asked->name), name, sizeof(name))) {
		return err_set(e, ERR_USAGE, "'%s' is no package name", asked->name);
	}
	const char *kept = arena_copy(&out->arena, name, strlen(name));
	char *blobs = file_join(state, "store");
	int code = plan_recipes_load(asked->recipes, &out->recipes, e);
	if (code == 0) {
		code = blob_store_open(&out->blobs, blobs, e);
	}
	free(blobs);
	const struct recipe_target *t = code == 0 ? find_target(asked, &out->recipes.targets, e) : NULL;
	if (t == NULL) {
		return code != 0 ? code : ERR_USAGE;
	}
	code = asked->source != NULL ? from_file(asked, &out->arena, &choice, e)
								 : from_index(asked, kept, state, out, t, &choice, e);
	return code == 0 ? make_job(out, kept, t, &choice, asked, e) : code;
}

void try_plan_finish(struct try_plan *p)
{
	blob_store_finish(&p->blobs);
	plan_recipes_finish(&p->recipes);
	arena_finish(&p->arena);
}
