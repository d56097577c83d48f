/* From the files of a page to versions and the wheels that fit. */
#include "coordinator/solve/universe.h"

#include "coordinator/store/hex.h"
#include "core/pep/filename.h"
#include "core/pep/name.h"

#include <stdlib.h>

/* One wheel or sdist that was understood. */
struct entry {
	struct version version;
	struct str text; /* normalised version, the page's */
	uint32_t file;
	bool is_wheel;
	bool yanked;
	uint64_t admitted;
	const int16_t *ranks; /* of wheels, beside targets; -1: does not fit */
	struct filename name;
};

/* The ranks of a distinct tag text on every target. */
static const int16_t *ranks_of(struct universe *u, const struct filename *name)
{
	struct str text = {.p = name->pythons.p,
		.n = (size_t)(name->platforms.p + name->platforms.n - name->pythons.p)};
	int16_t *ranks = map_get(&u->tag_texts, text);
	if (ranks == NULL) {
		ranks = arena_new(&u->arena, u->target_count * sizeof(*ranks));
		for (size_t t = 0; t < u->target_count; t++) {
			struct tag_target tags = pep_target_tags(&u->targets[t]);
			int rank = filename_rank(name, &tags, NULL);
			ranks[t] = (int16_t)(rank < INT16_MAX ? rank : INT16_MAX);
		}
		map_put(&u->tag_texts, text, ranks);
	}
	return ranks;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = version_compare(&x->version, &y->version);
	return order != 0 ? order : (x->file > y->file) - (x->file < y->file);
}

/* PEP 427: without a build tag before any with one; then by number, then by text. */
static int compare_builds(const struct filename *a, const struct filename *b)
{
	if (a->has_build != b->has_build) {
		return (int)a->has_build - (int)b->has_build;
	}
	int order = version_compare_digits(a->build_number, b->build_number);
	return order != 0 ? order : str_compare(a->build_rest, b->build_rest);
}

/* The wheel that an installer takes; of equal ones the last of the page. */
static const struct entry *best_wheel(
	const struct entry *entries, size_t count, size_t target, bool yanked)
{
	const struct entry *best = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct entry *w = &entries[i];
		if (!w->is_wheel || w->yanked != yanked || !universe_has(w->admitted, target) ||
			w->ranks[target] < 0) {
			continue;
		}
		if (best == NULL || w->ranks[target] < best->ranks[target] ||
			(w->ranks[target] == best->ranks[target] &&
				compare_builds(&w->name, &best->name) >= 0)) {
			best = w;
		}
	}
	return best;
}

static bool key_of(const struct store_file *f, unsigned char key[static UNIVERSE_KEY])
{
	return hex_read(f->metadata_sha256, key, UNIVERSE_KEY) ||
		hex_read(f->sha256, key, UNIVERSE_KEY);
}

struct wheels {
	VEC(struct universe_wheel) list;
};

/* The target takes this file: beside others with the same metadata, or alone. */
static void add_wheel(
	struct wheels *w, const struct store_file *file, uint32_t index, bool yanked, uint64_t targets)
{
	struct universe_wheel made = {
		.targets = targets, .file = index, .requires = UNIVERSE_NONE, .yanked = yanked};
	made.keyed = key_of(file, made.key);
	VEC_EACH (struct universe_wheel, known, &w->list) {
		bool same = made.keyed ? known->keyed && memcmp(known->key, made.key, UNIVERSE_KEY) == 0
							   : known->file == index;
		if (same && known->yanked == yanked) {
			known->targets |= targets;
			return;
		}
	}
	*vec_add(&w->list) = made;
}

static void choose_wheels(struct universe *u, const struct store_file *files,
	const struct entry *entries, size_t count, struct universe_version *out)
{
	struct wheels w = {0};
	for (size_t t = 0; t < u->target_count; t++) {
		uint64_t bit = UINT64_C(1) << t;
		bool yanked = false;
		const struct entry *best = best_wheel(entries, count, t, false);
		if (best == NULL) {
			yanked = true;
			best = best_wheel(entries, count, t, true);
		}
		if (best != NULL) {
			*(yanked ? &out->yanked : &out->fits) |= bit;
			add_wheel(&w, &files[best->file], best->file, yanked, bit);
		}
	}
	/* What a version requires where nothing fits is told by some other wheel of it. */
	for (size_t i = 0; w.list.n == 0 && i < count; i++) {
		if (entries[i].is_wheel) {
			add_wheel(&w, &files[entries[i].file], entries[i].file, entries[i].yanked, 0);
		}
	}
	out->wheel_count = (uint32_t)w.list.n;
	out->wheels = vec_to_arena(&w.list, &u->arena);
}

static void read_version(struct universe *u, const struct store_file *files,
	const struct entry *entries, size_t count, struct universe_version *out)
{
	*out = (struct universe_version){0};
	out->text.p = arena_copy(&u->arena, entries->text.p, entries->text.n);
	out->text.n = entries->text.n;
	if (version_parse(out->text, &out->version, NULL) != 0) {
		mem_bug("a version that was read once is none");
	}
	out->prerelease = version_is_prerelease(&out->version);
	out->withdrawn = true;
	for (size_t i = 0; i < count; i++) {
		out->withdrawn &= entries[i].yanked;
		if (!entries[i].yanked) {
			out->admitted |= entries[i].admitted;
			out->sdist |= entries[i].is_wheel ? 0 : entries[i].admitted;
		}
	}
	choose_wheels(u, files, entries, count, out);
}

static size_t read_entries(struct universe *u, struct str package, const struct store_file *files,
	size_t count, struct entry *out)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		struct entry made = {.file = (uint32_t)i, .yanked = files[i].yanked};
		if (files[i].version.n == 0 || filename_parse(files[i].filename, &made.name, NULL) != 0 ||
			made.name.kind == FILENAME_OTHER || !name_equal(made.name.name, package)) {
			continue;
		}
		if (n != 0 && str_equal(out[n - 1].text, files[i].version)) {
			made.version = out[n - 1].version;
		} else if (version_parse(files[i].version, &made.version, NULL) != 0) {
			continue;
		}
		made.text = files[i].version;
		made.is_wheel = made.name.kind == FILENAME_WHEEL;
		made.ranks = made.is_wheel ? ranks_of(u, &made.name) : NULL;
		made.admitted = universe_admits(u, files[i].requires_python);
		out[n++] = made;
	}
	return n;
}

void universe_set_files(
	struct universe *u, uint32_t package, const struct store_file *files, size_t count)
{
	struct universe_package *p = &u->packages.v[package];
	struct entry *entries = mem_new(count + 1, sizeof(*entries));
	size_t n = read_entries(u, p->name, files, count, entries), sorted = 1, versions = 0;
	while (sorted < n && compare_entries(&entries[sorted - 1], &entries[sorted]) < 0) {
		sorted++;
	}
	if (sorted < n) { /* most pages are in order, and entries are large */
		qsort(entries, n, sizeof(*entries), compare_entries);
	}
	for (size_t i = 0; i < n; i++) {
		versions += i == 0 || version_compare(&entries[i - 1].version, &entries[i].version) != 0;
	}
	p->versions = arena_new(&u->arena, (versions + 1) * sizeof(*p->versions));
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1;
			 end < n && version_compare(&entries[i].version, &entries[end].version) == 0; end++) {
		}
		read_version(u, files, &entries[i], end - i, &p->versions[p->version_count++]);
	}
	p->state = UNIVERSE_KNOWN;
	free(entries);
}
