#include "coordinator/inspect/published_wheels.h"

#include "coordinator/store/package.h"
#include "coordinator/store/published.h"
#include "coordinator/store/wheel.h"

#include <string.h>

static const struct store_file *file_of(
	const struct store_file *files, size_t count, const char *filename)
{
	for (size_t i = 0; i < count; i++) {
		if (str_is(files[i].filename, filename)) {
			return &files[i];
		}
	}
	return NULL;
}

static const char *copy(struct arena *arena, struct str text)
{
	return arena_copy(arena, text.n != 0 ? text.p : "", text.n);
}

struct finding {
	struct store *store;
	struct store_package package;
	struct store_file *files; /* read when the first one is needed */
	size_t file_count;
	struct arena arena;
};

static int add(struct finding *f, const struct store_published *p, struct arena *arena,
	struct published_wheel *out, bool *found, struct err *e)
{
	int code = 0;
	if (f->files == NULL) {
		code =
			store_package_files(f->store, f->package.id, &f->arena, &f->files, &f->file_count, e);
	}
	const struct store_file *file = code == 0 ? file_of(f->files, f->file_count, p->file) : NULL;
	*found = file != NULL;
	if (file != NULL) {
		*out = (struct published_wheel){
			.package = f->package.id,
			.name = copy(arena, str_from(f->package.name)),
			.version = copy(arena, str_from(p->version)),
			.filename = copy(arena, file->filename),
			.url = copy(arena, file->url),
			.sha256 = copy(arena, file->sha256),
		};
	}
	return code;
}

static int look(struct finding *f, const struct store_published *p, enum wheel_depth depth,
	struct map *seen, struct arena *arena, struct published_wheels *out, struct err *e)
{
	bool known, found;
	struct str hash = str_from(p->file_sha256);
	if (p->file == NULL || strcmp(p->state, "wheel") != 0) {
		return 0;
	}
	if (hash.n == 0) {
		out->nameless++;
		return 0;
	}
	if (map_put(seen, hash, seen) != NULL) {
		return 0;
	}
	int code = store_wheel_known(f->store, hash, WHEEL_RULES, depth == WHEEL_FULL, &known, e);
	if (code == 0 && known) {
		out->known++;
	} else if (code == 0) {
		code = add(f, p, arena, &out->v[out->n], &found, e);
		out->n += code == 0 && found;
	}
	return code;
}

int published_wheels_find(struct store *s, const char *package, enum wheel_depth depth,
	struct map *seen, struct arena *arena, struct published_wheels *out, struct err *e)
{
	struct finding f = {.store = s};
	struct store_published *facts = NULL;
	size_t count = 0;
	*out = (struct published_wheels){0};
	int code = store_package_get(s, str_from(package), &f.arena, &f.package, e);
	if (code == 0) {
		code = store_published_list(s, f.package.id, &f.arena, &facts, &count, e);
	}
	out->v = arena_new(arena, (count + 1) * sizeof(*out->v));
	for (size_t i = 0; code == 0 && i < count; i++) {
		code = look(&f, &facts[i], depth, seen, arena, out, e);
	}
	arena_finish(&f.arena);
	return code == ERR_NOT_FOUND ? 0 : code;
}
