#include "coordinator/plan/plan_job.h"

#include "coordinator/plan/plan_tester.h"
#include "core/io/sha256.h"

#include <ctype.h>
#include <string.h>

static const char *copy(struct arena *arena, struct str s)
{
	return arena_copy(arena, s.n != 0 ? s.p : "", s.n);
}

struct json_texts plan_one_text(struct arena *arena, const char *text)
{
	struct json_texts out = {.v = arena_new(arena, sizeof(*out.v)), .n = 1};
	out.v[0] = text;
	return out;
}

/* The name under which agents keep the sdist: ours, whatever the index calls it. */
static const char *source_name(const struct plan_pair *p, struct arena *arena)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";
	char *name = arena_copy(arena, p->sdist->filename.p, p->sdist->filename.n);
	if (name[strspn(name, plain)] == '\0' && isalnum((unsigned char)name[0]) &&
		strlen(name) == p->sdist->filename.n && strlen(name) < 200) {
		return name;
	}
	const char *suffix = str_ends(p->sdist->filename, ".zip") ? ".zip" : ".tar.gz";
	return arena_printf(arena, "%s-sdist%s", p->package, suffix);
}

/* A file of the folder that is the index: agents cannot reach it, so it becomes a blob here. */
static int take_local(const struct plan_pair *p, const char *url, const char *sha256, struct err *e)
{
	const char *path = url + strlen("file://");
	char hex[SHA256_HEX];
	uint64_t size;
	int code = sha256_of_file(path, hex, &size, e);
	if (code != 0) {
		return code;
	}
	if (strcmp(hex, sha256) != 0) {
		return err_set(e, ERR_HASH_MISMATCH, "sdist %.*s: hash differs from the page's (%s)",
			STR_ARG(p->sdist->filename), hex);
	}
	return blob_store_add_file(p->blobs, path, str_from(hex), false, e);
}

static int fill_source(
	const struct plan_pair *p, struct arena *arena, struct job_file *out, struct err *e)
{
	char *sha256 =
		arena_copy(arena, p->sdist->sha256.n != 0 ? p->sdist->sha256.p : "", p->sdist->sha256.n);
	for (char *c = sha256; *c != '\0'; c++) {
		*c = (char)tolower((unsigned char)*c);
	}
	const char *name = source_name(p, arena);
	if (str_ends(p->sdist->filename, ".whl") && !str_is(p->sdist->filename, name)) {
		return err_set(e, ERR_INVALID, "wheel %.*s: agents cannot keep it under its name",
			STR_ARG(p->sdist->filename));
	}
	if (!sha256_hex_valid(str_from(sha256))) {
		return err_set(
			e, ERR_INVALID, "sdist %.*s: the page gives no sha256", STR_ARG(p->sdist->filename));
	}
	*out = (struct job_file){
		.filename = name,
		.url = copy(arena, p->sdist->url),
		.sha256 = sha256,
		.size = p->sdist->size > 0 ? p->sdist->size : 0,
	};
	if (str_starts(p->sdist->url, "file://")) {
		int code = take_local(p, out->url, sha256, e);
		out->url = NULL;
		return code;
	}
	return 0;
}

static struct json_objects env_for(
	const struct plan_pair *p, struct arena *arena, const struct recipe_env *v, size_t n)
{
	struct job_env *env = arena_new(arena, (n + 1) * sizeof(*env));
	struct json_objects out = {.v = env};
	for (size_t i = 0; i < n; i++) {
		if (recipe_target_matches(v[i].target, str_from(p->target->pep.name))) {
			env[out.n++] = (struct job_env){.name = v[i].name, .value = v[i].value};
		}
	}
	return out;
}

/* The recipe's command, with what is left out on this target at its end. */
static struct json_texts test_command(const struct plan_pair *p, struct arena *arena)
{
	const struct recipe *r = p->recipe;
	size_t most = r->test_command.n + r->deselect_count + 1;
	struct json_texts out = {.v = arena_new(arena, most * sizeof(*out.v))};
	for (size_t i = 0; i < r->test_command.n; i++) {
		out.v[out.n++] = r->test_command.v[i];
	}
	for (size_t i = 0; i < r->deselect_count; i++) {
		if (recipe_target_matches(r->deselects[i].target, str_from(p->target->pep.name))) {
			out.v[out.n++] = arena_printf(arena, "--deselect=%s", r->deselects[i].id);
		}
	}
	return out;
}

static void fill_libraries(const struct plan_pair *p, struct arena *arena, struct job_recipe *out)
{
	const struct recipe *r = p->recipe;
	out->libraries.v = arena_new(arena, (r->library_count + 1) * sizeof(*out->libraries.v));
	for (size_t i = 0; i < r->library_count; i++) {
		if (recipe_target_matches(r->libraries[i].target, str_from(p->target->pep.name))) {
			out->libraries.v[out->libraries.n++] = r->libraries[i].name;
		}
	}
}

/* Patches for this target go into the blob store; their object ids into the key. */
static int fill_patches(const struct plan_pair *p, struct arena *arena, struct job_recipe *out,
	struct plan_key *key, struct err *e)
{
	const struct recipe *r = p->recipe;
	struct job_patch *patches = arena_new(arena, (r->patch_count + 1) * sizeof(*patches));
	const char **objects = arena_new(arena, (r->patch_count + 1) * sizeof(*objects));
	for (size_t i = 0; i < r->patch_count; i++) {
		const struct recipe_patch *patch = &r->patches[i];
		if (!recipe_target_matches(patch->target, str_from(p->target->pep.name))) {
			continue;
		}
		int code = blob_store_add_file(p->blobs, patch->path, str_from(patch->sha256), false, e);
		if (code != 0) {
			return code;
		}
		objects[key->patch_count++] = patch->object;
		patches[out->patches.n++] =
			(struct job_patch){.name = patch->file, .sha256 = patch->sha256, .strip = patch->strip};
	}
	out->patches.v = patches;
	key->patch_objects = objects;
	return 0;
}

static int fill_recipe(const struct plan_pair *p, struct arena *arena, struct job_recipe *out,
	struct plan_key *key, struct err *e)
{
	const struct recipe_tree *tree = &p->recipes->tree;
	*out = (struct job_recipe){
		.commit = tree->commit[0] != '\0' ? tree->commit : NULL,
		.dirty = tree->dirty,
		.object = "",
	};
	const struct recipe *r = p->recipe;
	if (r == NULL) {
		return 0;
	}
	out->object = key->recipe_object = r->object;
	out->tools = r->tools;
	out->as_target = recipe_as_target(r, str_from(p->target->pep.name));
	fill_libraries(p, arena, out);
	out->requires_add = r->requires_add;
	out->requires_remove = r->requires_remove;
	out->config_settings = r->config_settings;
	out->imports = r->imports;
	out->test_requires = r->test_requires;
	out->test_command = test_command(p, arena);
	out->test_sources = r->test_sources;
	out->test_env = env_for(p, arena, r->test_env, r->test_env_count);
	out->min_tests = r->min_tests;
	out->env = env_for(p, arena, r->env, r->env_count);
	return fill_patches(p, arena, out, key, e);
}

static struct job_limits limits_of(const struct plan_pair *p)
{
	struct job_limits limits = p->config->limits;
	if (p->recipe != NULL) {
		const struct job_limits *own = &p->recipe->limits;
		limits.wall_s = own->wall_s != 0 ? own->wall_s : limits.wall_s;
		limits.idle_s = own->idle_s != 0 ? own->idle_s : limits.idle_s;
		limits.memory_mb = own->memory_mb != 0 ? own->memory_mb : limits.memory_mb;
		limits.pids = own->pids != 0 ? own->pids : limits.pids;
		limits.disk_mb = own->disk_mb != 0 ? own->disk_mb : limits.disk_mb;
		limits.log_mb = own->log_mb != 0 ? own->log_mb : limits.log_mb;
	}
	return limits;
}

static void fill_needs(struct arena *arena, const struct recipe_image *builder,
	const struct recipe_image *tester, struct plan_job *out)
{
	const struct recipe_image *const images[] = {builder, tester};
	out->needs = (struct store_needs){
		/* an emulated builder runs on whatever machine says that it can emulate */
		.arch = strcmp(out->job.mode, "emulated") == 0    ? NULL
			: strcmp(builder->architecture, "amd64") == 0 ? "x86_64"
														  : "aarch64",
		.os = recipe_image_os(builder),
		.modes = plan_one_text(arena, out->job.mode),
		.toolchains = plan_one_text(arena, out->job.toolchain),
		.targets = plan_one_text(arena, out->job.target.name),
	};
	out->needs.images.v = arena_new(arena, 2 * sizeof(*out->needs.images.v));
	for (size_t i = 0; i < 2; i++) {
		if (images[i] != NULL) {
			out->needs.images.v[out->needs.images.n++] =
				arena_printf(arena, "%s-%lld", images[i]->name, (long long)images[i]->revision);
		}
	}
}

int plan_job_make(
	const struct plan_pair *pair, struct arena *arena, struct plan_job *out, struct err *e)
{
	const struct recipe_target *t = pair->target;
	const struct recipe_image *builder;
	struct plan_tester tester;
	*out = (struct plan_job){0};
	int code = plan_image_find(pair->recipes, t, pair->build->builder, &builder, e);
	if (code == 0) {
		code = plan_tester_find(pair->config, pair->recipes, t, pair->build->mode, &tester, e);
	}
	if (code != 0) {
		return code;
	}
	if (plan_tester_is_apart(pair->config, builder, &tester)) {
		tester = (struct plan_tester){.executor = ""};
	}
	const struct recipe_image *image = tester.image;
	struct plan_key key = {
		.kind = "build",
		.package = pair->package,
		.release = pair->version,
		.target = t->pep.name,
		.mode = pair->build->mode,
		.target_object = t->object,
		.image = builder->name,
		.image_revision = builder->revision,
		.tester = image != NULL ? image->name : "",
		.tester_revision = image != NULL ? image->revision : 0,
		.toolchain = pair->build->version,
	};
	out->job = (struct job){
		.kind = key.kind,
		.package = pair->package,
		.version = pair->version,
		.mode = key.mode,
		.toolchain = pair->build->toolchain,
		.expect_native = pair->expect_native,
		.target = t->job,
		.builder = {.name = builder->name, .revision = builder->revision},
		.tester = {.name = key.tester, .revision = key.tester_revision},
		.executor = tester.executor,
		.limits = limits_of(pair),
	};
	code = fill_source(pair, arena, &out->job.source, e);
	if (code == 0) {
		code = fill_recipe(pair, arena, &out->job.recipe, &key, e);
	}
	if (code == 0) {
		fill_needs(arena, builder, image, out);
		plan_key_hash(&key, out->key);
	}
	return code;
}
