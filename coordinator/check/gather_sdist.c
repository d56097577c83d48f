/* What a version would require if it were built. */
#include "coordinator/check/gather_parts.h"

#include "coordinator/inspect/remote_sdist.h"
#include "coordinator/solve/requires_text.h"
#include "coordinator/store/hex.h"
#include "coordinator/store/requires.h"
#include "core/pep/filename.h"

#include <stdlib.h>

static bool is_sdist(const struct store_file *f, struct str version)
{
	struct filename name;
	return str_equal(f->version, version) && !str_ends(f->filename, ".whl") &&
		filename_parse(f->filename, &name, NULL) == 0 && name.kind == FILENAME_SDIST;
}

const struct store_file *gather_find_sdist(
	struct gather *g, struct gathered *known, struct str version)
{
	const struct store_file *files = gather_files_whole(g, known), *found = NULL;
	for (size_t i = 0; i < known->count; i++) {
		if (is_sdist(&files[i], version) &&
			(found == NULL || str_ends(files[i].filename, ".tar.gz"))) {
			found = &files[i];
		}
	}
	return found;
}

static const struct gathered_sdist *find_known(const struct gathered *known, struct str version)
{
	VEC_EACH (struct gathered_sdist, s, &known->sdists) {
		if (str_is(version, s->version)) {
			return s;
		}
	}
	return NULL;
}

static const struct gathered_sdist *note(
	struct gather *g, struct gathered *known, struct str version, struct str text, const char *why)
{
	struct gathered_sdist *s = vec_add(&known->sdists);
	s->version = arena_copy(&g->arena, version.p, version.n);
	s->text = why == NULL ? arena_copy(&g->arena, text.n != 0 ? text.p : "", text.n) : NULL;
	s->why = why != NULL ? arena_copy(&g->arena, why, strlen(why)) : NULL;
	return s;
}

/* Why a text does not say it; NULL: it does. */
static const char *unknown_of(struct gather *g, struct str text)
{
	struct str rest = text, value;
	char kind;
	return requires_text_next(&rest, &kind, &value) && kind == 'U'
		? arena_copy(&g->arena, value.p, value.n)
		: NULL;
}

static bool stored(struct gather *g, struct str hex, struct str *text)
{
	unsigned char key[UNIVERSE_KEY];
	return g->options.store != NULL && hex_read(hex, key, sizeof(key)) &&
		store_requires_get(gather_reader(g), key, &g->arena, text, NULL) == 0;
}

/* What a wheel says that was made here; of several the newest. */
static bool find_built(
	struct gather *g, const struct gathered *known, struct str version, struct str *text)
{
	for (size_t i = known->built_count; i-- > 0;) {
		if (str_equal(known->built[i].version, version) &&
			stored(g, known->built[i].sha256, text)) {
			return true;
		}
	}
	return false;
}

static bool take(struct universe *u, struct str text, struct gather_source *out)
{
	uint32_t index = universe_requires(u, text);
	out->why = u->requires.v[index].bad;
	out->requires = out->why == NULL ? index : UNIVERSE_NONE;
	return true;
}

static bool take_sdist(struct gather *g, struct universe *u, struct gathered *known,
	const struct gathered_sdist *sdist, struct gather_source *out)
{
	struct str built;
	const char *why = sdist->text != NULL ? unknown_of(g, str_from(sdist->text)) : sdist->why;
	if (why == NULL) {
		return take(u, str_from(sdist->text), out);
	}
	if (find_built(g, known, str_from(sdist->version), &built)) {
		return take(u, built, out);
	}
	*out = (struct gather_source){.requires = UNIVERSE_NONE, .why = why};
	return true;
}

bool gather_source_of(struct gather *g, struct universe *u, uint32_t package, uint32_t version,
	struct gather_source *out)
{
	struct str name = u->packages.v[package].name;
	struct str text = u->packages.v[package].versions[version].text, found;
	struct gathered *known = map_get(&g->packages, name);
	if (known == NULL) {
		mem_bug("gather_source_of: of a package that nobody asked for");
	}
	const struct gathered_sdist *sdist = find_known(known, text);
	const struct store_file *file = sdist == NULL ? gather_find_sdist(g, known, text) : NULL;
	if (sdist == NULL && file == NULL) {
		sdist = note(g, known, text, (struct str){0}, "it has no sdist");
	} else if (sdist == NULL && stored(g, file->sha256, &found)) {
		sdist = note(g, known, text, found, NULL);
	} else if (sdist == NULL && g->options.offline) {
		sdist = note(g, known, text, (struct str){0}, "its sdist was not looked at yet");
	}
	if (sdist == NULL) {
		*vec_add(&g->wants) =
			(struct gather_want){.kind = GATHER_SDIST, .package = package, .version = version};
		return false;
	}
	return take_sdist(g, u, known, sdist, out);
}

/* --- from the index --- */

static struct str version_text(const struct gather_item *item)
{
	return item->gather->u->packages.v[item->want.package].versions[item->want.version].text;
}

/* What the bytes say is kept; that they could not be had is no word on them. */
static bool is_of_bytes(int code)
{
	return code == ERR_CORRUPT || code == ERR_INVALID || code == ERR_TOO_LARGE ||
		code == ERR_UNSUPPORTED;
}

/* Where the sdist speaks for a wheel. */
static void tell_wheel(struct gather_item *item, const char *why)
{
	const struct gather_want *w = &item->want;
	struct universe *u = item->gather->u;
	if (w->kind == GATHER_METADATA) {
		u->packages.v[w->package].versions[w->version].wheels[w->wheel].requires = why == NULL
			? universe_requires(u, buf_view(&item->requires))
			: universe_requires_bad(u, why);
	}
}

static void on_sdist(void *user, int code, struct str pkg_info, const struct err *e)
{
	struct gather_item *item = user;
	struct gather *g = item->gather;
	struct gathered *known = gather_package_of(item);
	const struct store_file *file = gather_find_sdist(g, known, version_text(item));
	struct err why = {.code = code};
	if (code == 0) {
		code = requires_text_write_sdist(
			pkg_info, str_from(known->name), version_text(item), &item->requires, &why);
	} else {
		err_set(&why, code, "%s", e->text);
	}
	if (code != 0 && !is_of_bytes(code)) {
		tell_wheel(item, why.text);
		note(g, known, version_text(item), (struct str){0}, why.text);
		gather_end_item(item);
		return;
	}
	if (code != 0) {
		requires_text_unknown(str_from(why.text), &item->requires);
	}
	tell_wheel(item, code == 0 ? NULL : why.text);
	note(g, known, version_text(item), buf_view(&item->requires), NULL);
	if (hex_read(file->sha256, item->key, sizeof(item->key))) {
		gather_keep_requires(item);
	}
	gather_end_item(item);
}

void gather_begin_sdist(struct gather_item *item)
{
	struct gather *g = item->gather;
	const struct store_file *file =
		gather_find_sdist(g, gather_package_of(item), version_text(item));
	char *url = str_dup(file->url);
	const char *headers[2] = {g->index.auth};
	const struct remote_sdist_options options = {
		.loop = g->options.loop,
		.fetch = g->fetch,
		.url = url,
		.headers = gather_sends_auth(g, file->url) ? headers : NULL,
		.file_name = file->filename,
		.allow_file = g->index.folder != NULL,
		.on_end = on_sdist,
		.user = item,
	};
	item->sdist = remote_sdist_start(&options);
	free(url);
}
