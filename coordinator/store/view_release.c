#include "coordinator/store/view_release.h"

#include "coordinator/store/file_pack.h"
#include "core/base/vec.h"
#include "core/pep/version.h"

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
	/* most tags are of another machine: the last byte tells */
	return platform.n > 8 && platform.p[platform.n - 1] == '4' &&
		(str_ends(platform, "_aarch64") || str_ends(platform, "_arm64"));
}

/* PLATFORMS of "…-PLATFORMS.whl": the name of a stored wheel was parsed when it was stored. */
static struct str platforms_of(struct str filename)
{
	ptrdiff_t dash = str_find_last(filename, '-');
	return dash >= 0 && filename.n >= 4 ? str_slice(filename, (size_t)dash + 1, filename.n - 4)
										: (struct str){0};
}

static void note_wheel(struct str filename, struct release_view *r)
{
	struct str rest = platforms_of(filename);
	struct str platform;
	while (str_split(&rest, '.', &platform)) {
		if (arm_linux(platform)) {
			r->musl |= str_starts(platform, "musllinux");
			r->glibc |= str_starts(platform, "manylinux");
		}
		r->pure |= str_equal_nocase(platform, STR("any"));
		r->windows |= str_equal_nocase(platform, STR("win_arm64"));
	}
}

static void note_file(const struct file_pack_entry *f, struct release_view *r)
{
	if (f->uploaded != 0 && (r->date == 0 || f->uploaded < r->date)) {
		r->date = f->uploaded;
	}
	r->yanked &= f->yanked;
	r->sdist |= f->kind[0] == 's';
	if (f->kind[0] == 'w') {
		note_wheel(f->filename, r);
	}
}

/* A release for each distinct version of the pack, by its number there; [0] is what has none. */
static int read_pack(
	struct str pack, struct arena *arena, struct release **out, size_t *count, struct err *e)
{
	VEC(struct release) list = {0};
	struct file_pack_walk walk;
	int code = file_pack_walk_init(&walk, pack, e);
	vec_add(&list);
	while (code == 0 && (code = file_pack_walk_next(&walk, e)) == 1) {
		const struct file_pack_entry *f = &walk.entry;
		while (list.n <= f->version_index) {
			vec_add(&list)->view.yanked = true;
		}
		struct release_view *r = &list.v[f->version_index].view;
		if (r->version == NULL) {
			r->version = arena_copy(arena, f->version.p, f->version.n);
		}
		note_file(f, r);
		code = 0;
	}
	file_pack_walk_finish(&walk);
	*count = list.n;
	*out = vec_to_arena(&list, arena);
	return code;
}

int view_releases(struct str pack, size_t most, struct arena *arena, struct release_view **out,
	size_t *out_count, struct err *e)
{
	struct release *releases;
	size_t count;
	VEC(struct release *) sorted = {0};
	int code = read_pack(pack, arena, &releases, &count, e);
	for (size_t i = 1; code == 0 && i < count; i++) {
		struct release *r = &releases[i];
		if (r->view.version != NULL &&
			version_parse(str_from(r->view.version), &r->parsed, NULL) == 0) {
			r->view.prerelease = version_is_prerelease(&r->parsed);
			*vec_add(&sorted) = r;
		}
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
	return code;
}
