#include "coordinator/store/view_release.h"

#include "coordinator/store/store_parts.h"
#include "core/base/map.h"
#include "core/pep/filename.h"

#include <stdlib.h>
#include <string.h>

struct release {
	struct release_view view;
	struct version parsed; /* views onto view.version */
};

static int newest_first(const void *a, const void *b)
{
	const struct release *const *left = a;
	const struct release *const *right = b;
	return version_compare(&(*right)->parsed, &(*left)->parsed);
}

static bool arm_linux(struct str platform)
{
	return str_ends(platform, "_aarch64") || str_ends(platform, "_arm64");
}

static void note_wheel(const struct store_file *f, struct release_view *r)
{
	struct filename name;
	if (filename_parse(f->filename, &name, NULL) != 0) {
		return;
	}
	struct str rest = name.platforms;
	struct str platform;
	while (str_split(&rest, '.', &platform)) {
		r->pure |= str_is(platform, "any");
		r->windows |= str_equal_nocase(platform, STR("win_arm64"));
		r->musl |= str_starts(platform, "musllinux") && arm_linux(platform);
		r->glibc |= str_starts(platform, "manylinux") && arm_linux(platform);
	}
}

static struct release *release_of(
	struct map *by_version, const struct store_file *f, struct arena *arena)
{
	struct release *r = map_get(by_version, f->version);
	if (r != NULL) {
		return r;
	}
	r = arena_new(arena, sizeof(*r));
	r->view.version = arena_copy(arena, f->version.p, f->version.n);
	if (version_parse(str_from(r->view.version), &r->parsed, NULL) != 0) {
		return NULL;
	}
	r->view.yanked = true;
	r->view.prerelease = version_is_prerelease(&r->parsed);
	map_put(by_version, f->version, r);
	return r;
}

void view_releases(const struct store_file *files, size_t count, size_t most, struct arena *arena,
	struct release_view **out, size_t *out_count)
{
	struct map by_version = {0};
	for (size_t i = 0; i < count; i++) {
		struct release *r =
			files[i].version.n != 0 ? release_of(&by_version, &files[i], arena) : NULL;
		if (r == NULL) {
			continue;
		}
		int64_t date = files[i].uploaded;
		if (date != 0 && (r->view.date == 0 || date < r->view.date)) {
			r->view.date = date;
		}
		r->view.yanked &= files[i].yanked;
		r->view.sdist |= strcmp(files[i].kind, "sdist") == 0;
		if (strcmp(files[i].kind, "wheel") == 0) {
			note_wheel(&files[i], &r->view);
		}
	}
	VEC(struct release *) sorted = {0};
	for (size_t i = 0; i < by_version.n; i++) {
		*vec_add(&sorted) = by_version.entries[i].value;
	}
	if (sorted.n > 1) {
		qsort(sorted.v, sorted.n, sizeof(*sorted.v), newest_first);
	}
	*out_count = sorted.n < most ? sorted.n : most;
	*out = arena_new(arena, (*out_count + 1) * sizeof(**out));
	for (size_t i = 0; i < *out_count; i++) {
		(*out)[i] = sorted.v[i]->view;
	}
	vec_finish(&sorted);
	map_finish(&by_version);
}
