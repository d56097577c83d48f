#include "coordinator/config.h"

#include "coordinator/config_file.h"
#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/io/file.h"
#include "core/pep/name.h"
#include "recipes/data.h"
#include "recipes/image.h"
#include "recipes/target.h"
#include "recipes/tree.h"

#include <stdlib.h>

/* What every step needs: the file, its text for line numbers, where the answer goes. */
struct reading {
	const char *file;
	struct str text;
	const char *folder; /* of the file, absolute */
	const struct config_file *f;
	struct config *out;
	struct err *e;
};

#define WRONG(r, key, value, ...) \
	data_error((r)->e, (r)->file, data_line((r)->text, (key), (value)), __VA_ARGS__)

enum { DAYS_MOST = 36500 };

struct job_limits config_default_limits(void)
{
	return (struct job_limits){.wall_s = 1800,
		.idle_s = 600,
		.memory_mb = 3072,
		.pids = 512,
		.disk_mb = 4096,
		.log_mb = 32};
}

static char *own(struct reading *r, const char *text)
{
	return arena_copy(&r->out->arena, text, strlen(text));
}

/* As seen from the file's own folder; absolute. */
static const char *path_from(struct reading *r, const char *path)
{
	if (path[0] == '/') {
		return own(r, path);
	}
	char *joined = str_format("%s/%s", r->folder, path);
	const char *copy = own(r, joined);
	free(joined);
	return copy;
}

static bool is_sha256(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

/* Who may reach it, and how. */
static int read_trust(struct reading *r)
{
	const struct config_file *f = r->f;
	struct config *c = r->out;
	if ((f->tls.certificate != NULL) != (f->tls.key != NULL)) {
		return WRONG(r, "tls", NULL, "tls takes a certificate and its key, both");
	}
	if (f->tls.certificate != NULL) {
		c->tls.certificate = path_from(r, f->tls.certificate);
		c->tls.key = path_from(r, f->tls.key);
		c->tls.ca = f->tls.ca != NULL ? path_from(r, f->tls.ca) : c->tls.certificate;
	}
	if (f->public_url != NULL) {
		struct str url = str_from(f->public_url);
		if (!str_starts(url, "https://") && !str_starts(url, "http://")) {
			return WRONG(r, "public_url", NULL, "public_url is an http or https address");
		}
		c->public_url = own(r, f->public_url);
	}
	if (f->admin_token_sha256 != NULL) {
		if (!is_sha256(f->admin_token_sha256)) {
			return WRONG(r, "admin_token_sha256", NULL,
				"admin_token_sha256 is 64 hex digits: the SHA-256 of the token, not the token");
		}
		c->admin_token_sha256 = own(r, f->admin_token_sha256);
	}
	return 0;
}

static int read_places(struct reading *r)
{
	const struct config_file *f = r->f;
	struct config *c = r->out;
	c->state = path_from(r, f->state != NULL ? f->state : "wheelfarm-state");
	if (f->database != NULL) {
		c->database = path_from(r, f->database);
	} else {
		char *joined = file_join(c->state, "facts.db");
		c->database = own(r, joined);
		free(joined);
	}
	c->listen = own(r, f->listen != NULL ? f->listen : "127.0.0.1:8080");
	uint64_t port;
	ptrdiff_t colon = str_find_last(str_from(c->listen), ':');
	if (colon <= 0 || !str_to_u64(str_from(c->listen + colon + 1), &port) || port > 65535) {
		return WRONG(r, "listen", NULL, "\"%s\" is not ADDRESS:PORT", c->listen);
	}
	int code = read_trust(r);
	if (code != 0) {
		return code;
	}
	if (f->index != NULL) {
		struct str index = str_from(f->index);
		bool is_url = str_starts(index, "http://") || str_starts(index, "https://");
		if (!is_url && str_find_text(index, STR("://")) >= 0) {
			return WRONG(r, "index", NULL, "an index is a folder or an http or https address");
		}
		c->index = is_url ? own(r, f->index) : path_from(r, f->index);
	}
	c->contact = f->contact != NULL ? own(r, f->contact) : NULL;
	for (const char *p = c->contact; p != NULL && *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			return WRONG(r, "contact", NULL, "contact has a control character");
		}
	}
	c->export = f->export != NULL ? path_from(r, f->export) : NULL;
	if (f->recipes_from != NULL) {
		bool address = str_find_text(str_from(f->recipes_from), STR("://")) > 0;
		c->recipes_from = address ? own(r, f->recipes_from) : path_from(r, f->recipes_from);
	}
	if (f->recipes != NULL) {
		c->recipes = path_from(r, f->recipes);
	} else {
		char *folder = recipe_tree_default();
		c->recipes = own(r, folder);
		free(folder);
	}
	return 0;
}

static int read_packages(struct reading *r)
{
	const struct config_file *f = r->f;
	struct config *c = r->out;
	struct map seen = {0};
	VEC(struct package_item) items = {0};
	struct package_list from_file = {0};
	int code = 0;
	for (unsigned i = 0; code == 0 && i < f->packages_count; i++) {
		char name[256];
		if (!name_is_valid(str_from(f->packages[i])) ||
			!name_normalise_to(str_from(f->packages[i]), name, sizeof(name))) {
			code =
				WRONG(r, "packages", f->packages[i], "\"%s\" is no package name", f->packages[i]);
		} else if (map_put(&seen, str_from(name), c) == NULL) {
			*vec_add(&items) = (struct package_item){.name = own(r, name), .downloads = -1};
		}
	}
	if (code == 0 && f->packages_file != NULL) {
		const char *path = path_from(r, f->packages_file);
		code = package_list_load(path, &c->arena, &from_file, r->e);
	}
	if (code == 0 && (f->top < 0 || (f->top > 0 && f->packages_file == NULL))) {
		code = WRONG(r, "top", NULL, "top is how many of packages_file, from 1 on");
	}
	size_t wanted = f->top != 0 && (size_t)f->top < from_file.n ? (size_t)f->top : from_file.n;
	for (size_t i = 0; code == 0 && i < wanted; i++) {
		if (map_put(&seen, str_from(from_file.v[i].name), c) == NULL) {
			*vec_add(&items) = from_file.v[i];
		}
	}
	if (code == 0 && items.n == 0) {
		code = data_error(r->e, r->file, data_line(r->text, "packages", NULL),
			"no packages: give `packages` or `packages_file`");
	}
	c->packages.v = arena_new(&c->arena, (items.n + 1) * sizeof(*items.v));
	if (code == 0) {
		memcpy(c->packages.v, items.v, items.n * sizeof(*items.v));
		c->packages.n = items.n;
	}
	vec_finish(&items);
	map_finish(&seen);
	return code;
}

/* Every target of the list must be in the recipe tree; short names become whole ones. */
static int read_targets(struct reading *r)
{
	const struct config_file *f = r->f;
	struct config *c = r->out;
	struct target_set set = {0};
	c->python = own(r, f->python != NULL ? f->python : "cp313");
	int code = target_set_load(c->recipes, &set, r->e);
	if (code != 0) {
		goto out;
	}
	struct err why = {0};
	if (target_set_resolve(&set, STR("aarch64"), c->python, &why) == NULL) {
		code = WRONG(r, "python", NULL, "no target has the Python \"%s\"", c->python);
		goto out;
	}
	c->targets.v = arena_new(&c->arena, (f->targets_count + 1) * sizeof(*c->targets.v));
	for (unsigned i = 0; i < f->targets_count; i++) {
		const struct recipe_target *t =
			target_set_resolve(&set, str_from(f->targets[i]), c->python, &why);
		if (t == NULL) {
			code = WRONG(r, "targets", f->targets[i], "%s", why.text);
			goto out;
		}
		bool known = false;
		for (size_t k = 0; k < c->targets.n; k++) {
			known = known || strcmp(c->targets.v[k], t->pep.name) == 0;
		}
		if (!known) {
			c->targets.v[c->targets.n++] = own(r, t->pep.name);
		}
	}
out:
	target_set_finish(&set);
	return code;
}

/* Each builds for one of the targets, and no target twice in one mode: the newer job of a mode is the one
 * that counts. */
static int read_modes(struct reading *r)
{
	const struct config_file *f = r->f;
	struct config *c = r->out;
	struct target_set targets = {0};
	int code = target_set_load(c->recipes, &targets, r->e);
	c->modes.v = arena_new(&c->arena, (f->modes_count + 1) * sizeof(*c->modes.v));
	for (unsigned i = 0; code == 0 && i < f->modes_count; i++) {
		const char *word = f->modes[i];
		bool builds = c->targets.n == 0;
		for (size_t k = 0; code == 0 && k < c->targets.n; k++) {
			const struct recipe_target *t = target_set_find(&targets, str_from(c->targets.v[k]));
			const struct recipe_build *b = recipe_target_build(t, word);
			builds = builds || b != NULL;
			for (size_t m = 0; code == 0 && b != NULL && m < c->modes.n; m++) {
				const struct recipe_build *other = recipe_target_build(t, c->modes.v[m]);
				if (other != NULL && strcmp(other->mode, b->mode) == 0) {
					code = WRONG(r, "modes", word, "%s and %s are both %s for %s: name one", word,
						c->modes.v[m], b->mode, t->pep.name);
				}
			}
		}
		if (code == 0 && !builds) {
			code = WRONG(r, "modes", word, "no target is built by \"%s\"", word);
		}
		c->modes.v[c->modes.n++] = own(r, word);
	}
	target_set_finish(&targets);
	return code;
}

static bool runs_one(
	const struct recipe_image *image, const struct config *c, const struct target_set *targets)
{
	for (size_t i = 0; i < c->targets.n; i++) {
		const struct recipe_target *t = target_set_find(targets, str_from(c->targets.v[i]));
		if (recipe_image_executor(image, &t->job) != NULL) {
			return true;
		}
	}
	return false;
}

/* Each is an image of the recipe tree that runs one of the targets. */
static int read_testers(struct reading *r)
{
	const struct config_file *f = r->f;
	struct config *c = r->out;
	struct target_set targets = {0};
	struct image_set images = {0};
	int code = target_set_load(c->recipes, &targets, r->e);
	if (code == 0) {
		code = image_set_load(c->recipes, &images, r->e);
	}
	c->testers.v = arena_new(&c->arena, (f->testers_count + 1) * sizeof(*c->testers.v));
	for (unsigned i = 0; code == 0 && i < f->testers_count; i++) {
		const char *name = f->testers[i];
		const struct recipe_image *image = image_set_find(&images, str_from(name));
		if (image == NULL) {
			code = WRONG(r, "testers", name, "no image is called \"%s\"", name);
		} else if (!runs_one(image, c, &targets)) {
			code = WRONG(r, "testers", name, "%s runs none of the targets", name);
		} else {
			c->testers.v[c->testers.n++] = own(r, name);
		}
	}
	image_set_finish(&images);
	target_set_finish(&targets);
	return code;
}

/* One image of the recipe tree whose role that is. */
static int read_control(struct reading *r)
{
	const char *name = r->f->control;
	struct image_set images = {0};
	if (name == NULL) {
		return 0;
	}
	int code = image_set_load(r->out->recipes, &images, r->e);
	const struct recipe_image *image = code == 0 ? image_set_find(&images, str_from(name)) : NULL;
	if (code == 0 && image == NULL) {
		code = WRONG(r, "control", NULL, "no image is called \"%s\"", name);
	} else if (code == 0 && image->target == NULL) {
		code = WRONG(r, "control", NULL, "%s is no image of the role control", name);
	}
	if (code == 0) {
		r->out->control = own(r, name);
	}
	image_set_finish(&images);
	return code;
}

static int read_words(struct reading *r)
{
	const struct config_file *f = r->f;
	struct config *c = r->out;
	c->build = CONFIG_BUILD_MISSING;
	if (f->build != NULL && strcmp(f->build, "all") == 0) {
		c->build = CONFIG_BUILD_ALL;
	} else if (f->build != NULL && strcmp(f->build, "missing") != 0) {
		return WRONG(r, "build", NULL, "build is all or missing, not \"%s\"", f->build);
	}
	for (unsigned i = 0; i < f->tests_count; i++) {
		const char *word = f->tests[i];
		bool built = strcmp(word, "built") == 0;
		if (!built && strcmp(word, "published") != 0) {
			return WRONG(r, "tests", word, "tests are of published, built, not \"%s\"", word);
		}
		*(built ? &c->test_built : &c->test_published) = true;
	}
	return 0;
}

/* "02:30" as a minute of the day. */
static bool parse_minute(const char *text, int64_t *out)
{
	struct str s = str_from(text);
	uint64_t hour;
	uint64_t minute;
	bool read = s.n == 5 && s.p[2] == ':' && str_to_u64(str_slice(s, 0, 2), &hour) &&
		str_to_u64(str_slice(s, 3, 5), &minute) && hour < 24 && minute < 60;
	*out = read ? (int64_t)(60 * hour + minute) : -1;
	return read;
}

/* It goes into a header of a mail as it is. */
static bool is_mail_address(const char *text)
{
	struct str s = str_from(text);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c >= 0x7f || strchr(",;:<>()\"\\", c) != NULL) {
			return false;
		}
	}
	ptrdiff_t at = str_find(s, '@');
	return at > 0 && (size_t)at + 1 < s.n && s.p[0] != '-';
}

static int read_night(struct reading *r)
{
	const struct config_file *f = r->f;
	struct config_night *n = &r->out->night;
	n->at_minute = -1;
	if (f->night.at != NULL && !parse_minute(f->night.at, &n->at_minute)) {
		return WRONG(r, "at", f->night.at, "\"%s\" is no time of day, \"02:30\"", f->night.at);
	}
	n->mail.v = arena_new(&r->out->arena, (f->night.mail_count + 1) * sizeof(*n->mail.v));
	for (unsigned i = 0; i < f->night.mail_count; i++) {
		if (!is_mail_address(f->night.mail[i])) {
			return WRONG(
				r, "mail", f->night.mail[i], "\"%s\" is no mail address", f->night.mail[i]);
		}
		n->mail.v[n->mail.n++] = own(r, f->night.mail[i]);
	}
	n->sendmail =
		f->night.sendmail != NULL ? path_from(r, f->night.sendmail) : "/usr/sbin/sendmail";
	if ((f->night.webhook != NULL) != (f->night.webhook_secret != NULL)) {
		return WRONG(r, "night", NULL, "webhook and webhook_secret (a file) come together");
	}
	if (f->night.webhook != NULL) {
		struct str url = str_from(f->night.webhook);
		if (!str_starts(url, "https://") && !str_starts(url, "http://")) {
			return WRONG(r, "webhook", f->night.webhook, "a webhook is an http or https address");
		}
		n->webhook = own(r, f->night.webhook);
		n->webhook_secret = path_from(r, f->night.webhook_secret);
	}
	return 0;
}

/* A number that was given must be in range; 0 is "not given" and takes the default. */
static int read_number(
	struct reading *r, const char *key, int64_t given, int64_t fallback, int64_t most, int64_t *out)
{
	if (given < 0 || given > most) {
		return WRONG(r, key, NULL, "%s is from 1 to %lld", key, (long long)most);
	}
	*out = given != 0 ? given : fallback;
	return 0;
}

static int read_numbers(struct reading *r)
{
	const struct config_file *f = r->f;
	struct config *c = r->out;
	const struct job_limits base = config_default_limits();
	const struct {
		const char *key;
		int64_t given, fallback, most;
		int64_t *out;
	} numbers[] = {
		{"slots", f->agents.slots, 1, 64, &c->agents.slots},
		{"wall_s", f->limits.wall_s, base.wall_s, 1 << 20, &c->limits.wall_s},
		{"idle_s", f->limits.idle_s, base.idle_s, 1 << 20, &c->limits.idle_s},
		{"memory_mb", f->limits.memory_mb, base.memory_mb, 1 << 24, &c->limits.memory_mb},
		{"pids", f->limits.pids, base.pids, 1 << 20, &c->limits.pids},
		{"disk_mb", f->limits.disk_mb, base.disk_mb, 1 << 24, &c->limits.disk_mb},
		{"log_mb", f->limits.log_mb, base.log_mb, 1 << 12, &c->limits.log_mb},
		{"retry_s", f->agents.retry_s, 30, 24 * 3600, &c->agents.retry_s},
		{"budget_minutes", f->night.budget_minutes, 0, 24 * 60, &c->night.budget_minutes},
		{"connections", f->scan.connections, 8, 256, &c->scan_connections},
		{"min_free_mb", f->min_free_mb, 256, 1 << 30, &c->min_free_mb},
		{"log_pass_days", f->keep.log_pass_days, 30, DAYS_MOST, &c->keep.log_pass_days},
		{"log_fail_days", f->keep.log_fail_days, 180, DAYS_MOST, &c->keep.log_fail_days},
		{"wheel_days", f->keep.wheel_days, 90, DAYS_MOST, &c->keep.wheel_days},
		{"attempt_days", f->keep.attempt_days, 90, DAYS_MOST, &c->keep.attempt_days},
		{"audit_days", f->keep.audit_days, 730, DAYS_MOST, &c->keep.audit_days},
		{"orphan_hours", f->keep.orphan_hours, 24, DAYS_MOST, &c->keep.orphan_hours},
		{"export_days", f->keep.export_days, 7, DAYS_MOST, &c->keep.export_days},
		{"refresh_hours", f->scan.refresh_hours, 24, 24 * 365, &c->refresh_hours},
	};
	int code = 0;
	for (size_t i = 0; code == 0 && i < sizeof(numbers) / sizeof(*numbers); i++) {
		code = read_number(r, numbers[i].key, numbers[i].given, numbers[i].fallback,
			numbers[i].most, numbers[i].out);
	}
	c->agents.local = f->agents.local != NULL ? *f->agents.local : 1;
	if (code == 0 && (c->agents.local < 0 || c->agents.local > 64)) {
		code = WRONG(r, "local", NULL, "local is from 0 to 64");
	}
	c->scan_dependencies = f->scan.dependencies;
	c->scan_rate = f->scan.rate != NULL ? *f->scan.rate : CONFIG_SCAN_RATE;
	if (code == 0 && (c->scan_rate < 0 || c->scan_rate > CONFIG_SCAN_RATE_MOST)) {
		code = WRONG(r, "rate", NULL, "rate is from 0 (no cap) to %d", CONFIG_SCAN_RATE_MOST);
	}
	return code;
}

static char *folder_of(const char *file)
{
	char *real = realpath(file, NULL);
	struct str path = str_from(real != NULL ? real : "/");
	char *folder = str_dup(str_slice(path, 0, (size_t)str_find_last(path, '/')));
	free(real);
	return folder;
}

int config_load(const char *file, struct config *out, struct err *e)
{
	*out = (struct config){0};
	struct config_file *f = NULL;
	struct buf text = {0};
	char *folder = NULL;
	int code = data_read(file, &text, e);
	if (code == 0) {
		code = config_file_parse(buf_view(&text), file, &f, e);
	}
	if (code != 0) {
		goto out;
	}
	folder = folder_of(file);
	struct reading r = {
		.file = file, .text = buf_view(&text), .folder = folder, .f = f, .out = out, .e = e};
	out->file = own(&r, file);
	int (*const steps[])(struct reading *) = {read_words, read_numbers, read_night, read_places,
		read_targets, read_modes, read_testers, read_control, read_packages};
	if (f->schema != 1) {
		code = WRONG(&r, "schema", NULL, "schema %d is not known here", f->schema);
	}
	for (size_t i = 0; code == 0 && i < sizeof(steps) / sizeof(*steps); i++) {
		code = steps[i](&r);
	}
out:
	config_file_free(f);
	buf_finish(&text);
	free(folder);
	return code;
}

void config_finish(struct config *c)
{
	arena_finish(&c->arena);
	*c = (struct config){0};
}
