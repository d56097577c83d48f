/* From the files of a page to versions and the wheels that fit. */
#include "coordinator/solve/universe.h"

#include "coordinator/store/hex.h"
#include "core/pep/filename.h"
#include "core/pep/name.h"

#include <stdlib.h>

/* One wheel or sdist that was understood. */
struct entry {
	uint32_t version; /* of the page's distinct ones, as they come */
	uint32_t file;
	bool is_wheel;
	bool yanked;
	bool has_build;
	bool begins; /* the first of its version, once they are in order */
	uint64_t admitted;
	const int16_t *ranks; /* of wheels, beside targets; -1: does not fit */
	struct str build_number, build_rest;
};

/* A version as its files spell it, normalised; and the page of them. */
struct page_versions {
	VEC(struct version) v;
};

/* A distinct tag text, and what came behind it, the last time: a guess. */
struct universe_tags {
	struct str text;
	struct universe_tags *next;
	int16_t ranks[]; /* on every target */
};

static struct universe_tags *new_tags(
	struct universe *u, const struct filename *name, struct str text)
{
	struct universe_tags *tags =
		arena_new(&u->arena, sizeof(*tags) + u->target_count * sizeof(*tags->ranks));
	tags->text = (struct str){arena_copy(&u->arena, text.p, text.n), text.n};
	for (size_t t = 0; t < u->target_count; t++) {
		struct tag_target target = pep_target_tags(&u->targets[t]);
		int rank = filename_rank(name, &target, NULL);
		tags->ranks[t] = (int16_t)(rank < INT16_MAX ? rank : INT16_MAX);
	}
	map_put(&u->tag_texts, text, tags);
	return tags;
}

static int compare_versions(
	const struct page_versions *versions, const struct entry *x, const struct entry *y)
{
	return x->version == y->version
		? 0
		: version_compare(&versions->v.v[x->version], &versions->v.v[y->version]);
}

static int compare_entries(const void *a, const void *b, void *user)
{
	const struct entry *x = a, *y = b;
	int order = compare_versions(user, x, y);
	return order != 0 ? order : (x->file > y->file) - (x->file < y->file);
}

/* PEP 427: without a build tag before any with one; then by number, then by text. */
static int compare_builds(const struct entry *a, const struct entry *b)
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
			(w->ranks[target] == best->ranks[target] && compare_builds(w, best) >= 0)) {
			best = w;
		}
	}
	return best;
}

bool universe_file_key(const struct store_file *f, unsigned char key[static UNIVERSE_KEY])
{
	if (f->key != NULL) {
		memcpy(key, f->key, UNIVERSE_KEY);
		return true;
	}
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
	made.keyed = universe_file_key(file, made.key);
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
	const struct entry *entries, size_t count, struct wheels *room, struct universe_version *out)
{
	room->list.n = 0;
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
			add_wheel(room, &files[best->file], best->file, yanked, bit);
		}
	}
	/* What a version requires where nothing fits is told by some other wheel of it. */
	for (size_t i = 0; room->list.n == 0 && i < count; i++) {
		if (entries[i].is_wheel) {
			add_wheel(room, &files[entries[i].file], entries[i].file, entries[i].yanked, 0);
		}
	}
	out->wheel_count = (uint32_t)room->list.n;
	out->wheels =
		(struct universe_wheel *)(void *)arena_room(&u->arena, room->list.n * sizeof(*out->wheels));
	if (room->list.n != 0) {
		memcpy(out->wheels, room->list.v, room->list.n * sizeof(*out->wheels));
	}
}

static void read_version(struct universe *u, const struct store_file *files,
	const struct version *version, const struct entry *entries, size_t count, struct wheels *room,
	struct universe_version *out)
{
	*out = (struct universe_version){.version = *version, .text = version->text};
	out->prerelease = version_is_prerelease(&out->version);
	out->withdrawn = true;
	for (size_t i = 0; i < count; i++) {
		out->withdrawn &= entries[i].yanked;
		if (!entries[i].yanked) {
			out->admitted |= entries[i].admitted;
			out->sdist |= entries[i].is_wheel ? 0 : entries[i].admitted;
		}
	}
	choose_wheels(u, files, entries, count, room, out);
}

/* What the file before was: most files of a page differ little from it. */
struct last_file {
	struct str name; /* of a wheel of ours: what stands before its version; else empty */
	struct universe_tags *tags; /* of the last wheel of ours */
	struct str version, rule;
	uint64_t admitted;
	bool any;
};

/* NULL: no wheel had such tags before. */
static struct universe_tags *find_tags(
	const struct universe *u, struct last_file *last, struct str text)
{
	struct universe_tags *guess = last->tags->next;
	if (guess == NULL || !str_equal(guess->text, text)) {
		guess = map_get(&u->tag_texts, text);
	}
	return guess;
}

/* The wheel is called as the one before it, its version stands there as it is written here, and such tags
 * came before: nothing of it is new. NULL: it must be read. */
static struct universe_tags *tags_of_next(
	const struct universe *u, struct last_file *last, const struct store_file *file)
{
	static const char end[] = ".whl";
	struct str rest = file->filename;
	if (last->name.n == 0 || rest.n > FILENAME_LIMIT || !str_take(&rest, last->name) ||
		!str_take(&rest, file->version) || !str_take(&rest, STR("-")) || !str_ends(rest, end)) {
		return NULL;
	}
	return find_tags(u, last, str_slice(rest, 0, rest.n - strlen(end)));
}

static void take_tags(struct last_file *last, struct universe_tags *tags, struct entry *out)
{
	if (last->tags != NULL) {
		last->tags->next = tags;
	}
	last->tags = tags;
	out->is_wheel = true;
	out->ranks = tags->ranks;
}

static bool read_entry(struct universe *u, struct str package, const struct store_file *file,
	struct last_file *last, struct entry *out)
{
	struct filename name;
	struct universe_tags *tags = tags_of_next(u, last, file);
	if (tags != NULL) {
		take_tags(last, tags, out);
		return true;
	}
	if (filename_parse(file->filename, &name, NULL) != 0 || name.kind == FILENAME_OTHER ||
		!name_equal(name.name, package)) {
		return false;
	}
	if (name.kind == FILENAME_WHEEL) {
		struct str text = {.p = name.pythons.p,
			.n = (size_t)(name.platforms.p + name.platforms.n - name.pythons.p)};
		tags = map_get(&u->tag_texts, text);
		take_tags(last, tags != NULL ? tags : new_tags(u, &name, text), out);
		out->has_build = name.has_build;
		out->build_number = name.build_number;
		out->build_rest = name.build_rest;
		last->name = str_slice(file->filename, 0, name.name.n + 1);
	}
	return true;
}

static size_t read_entries(struct universe *u, struct str package, const struct store_file *files,
	size_t count, struct page_versions *versions, struct entry *out)
{
	struct last_file last = {0};
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		const struct store_file *file = &files[i];
		struct entry *made = &out[n];
		*made = (struct entry){.file = (uint32_t)i, .yanked = file->yanked};
		if (file->version.n == 0 || !read_entry(u, package, file, &last, made)) {
			continue;
		}
		if (versions->v.n == 0 || !str_equal(file->version, last.version)) {
			struct version version;
			struct str kept = {
				arena_copy(&u->arena, file->version.p, file->version.n), file->version.n};
			if (version_parse(kept, &version, NULL) != 0) {
				continue;
			}
			*vec_add(&versions->v) = version;
			last.version = file->version;
		}
		if (!last.any || !str_equal(file->requires_python, last.rule)) {
			last.rule = file->requires_python;
			last.admitted = universe_admits(u, last.rule);
			last.any = true;
		}
		made->version = (uint32_t)versions->v.n - 1;
		made->admitted = last.admitted;
		n++;
	}
	return n;
}

/* Marks where versions begin, and counts them; false: they are not in order, as most pages are. */
static bool mark_versions(
	const struct page_versions *page, struct entry *entries, size_t n, size_t *versions)
{
	*versions = 0;
	for (size_t i = 0; i < n; i++) {
		int order = i == 0 ? -1 : compare_versions(page, &entries[i - 1], &entries[i]);
		if (order > 0 || (order == 0 && entries[i - 1].file > entries[i].file)) {
			return false;
		}
		entries[i].begins = order != 0;
		*versions += entries[i].begins;
	}
	return true;
}

void universe_set_files(struct universe *u, uint32_t package, const struct store_file *files,
	size_t count, uint32_t *places)
{
	struct universe_package *p = &u->packages.v[package];
	struct entry *entries = mem_resize(NULL, count + 1, sizeof(*entries));
	struct page_versions page = {0};
	struct wheels room = {0};
	size_t n = read_entries(u, p->name, files, count, &page, entries), versions;
	if (!mark_versions(&page, entries, n, &versions)) {
		qsort_r(entries, n, sizeof(*entries), compare_entries, &page);
		mark_versions(&page, entries, n, &versions);
	}
	for (size_t i = 0; places != NULL && i < count; i++) {
		places[i] = UNIVERSE_NONE;
	}
	p->versions = (struct universe_version *)(void *)arena_room(
		&u->arena, (versions + 1) * sizeof(*p->versions));
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !entries[end].begins; end++) {
		}
		for (size_t k = i; places != NULL && k < end; k++) {
			places[entries[k].file] = p->version_count;
		}
		read_version(u, files, &page.v.v[entries[i].version], &entries[i], end - i, &room,
			&p->versions[p->version_count++]);
	}
	p->state = UNIVERSE_KNOWN;
	vec_finish(&room.list);
	vec_finish(&page.v);
	free(entries);
}
