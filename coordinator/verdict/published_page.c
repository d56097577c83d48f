#include "coordinator/verdict/published_page.h"

#include "core/pep/filename.h"
#include "core/pep/name.h"

/* The index of a text among the distinct ones. */
static uint32_t index_of(struct map *texts, struct str text)
{
	void **place = map_place(texts, text);
	if (*place == NULL) {
		*place = (void *)(uintptr_t)texts->n;
	}
	return (uint32_t)(uintptr_t)*place - 1;
}

/* What the file before was: most files of a page differ little from it. */
struct last_file {
	struct str name;
	bool ours;
	struct str version;
	struct str before; /* of a wheel of ours: what stands before its tags; else empty */
	struct str stem; /* of the last one: what stands before its version */
	uint32_t tags;
	struct str rule;
	uint32_t rule_index;
	bool any; /* there was one */
};

static uint32_t version_of(struct published *p, struct last_file *last, const struct version *v)
{
	if (p->versions.n == 0 || !str_equal(v->text, last->version)) {
		vec_add(&p->versions)->v = *v;
		last->version = v->text;
	}
	return (uint32_t)p->versions.n - 1;
}

static bool is_compiled(struct str platforms)
{
	struct str platform;
	while (str_split(&platforms, '.', &platform)) {
		if (!str_equal_nocase(platform, STR("any"))) {
			return true;
		}
	}
	return false;
}

static void new_tags(struct published *p, const struct filename *name, struct str text)
{
	struct str interpreter = {.p = text.p, .n = (size_t)(name->platforms.p - text.p) - 1};
	*vec_add(&p->tags) = (struct page_tags){
		.interpreter = index_of(&p->interpreters, interpreter),
		.system = index_of(&p->systems, name->platforms),
		.compiled = is_compiled(name->platforms),
		.text = text,
	};
}

static uint32_t tags_of(struct published *p, struct last_file *last, const struct filename *name)
{
	struct str text = {.p = name->pythons.p,
		.n = (size_t)(name->platforms.p + name->platforms.n - name->pythons.p)};
	uint32_t guess = 0;
	if (p->tags.n != 0) {
		guess = p->tags.v[last->tags].next;
		if (str_equal(p->tags.v[guess].text, text)) {
			return last->tags = guess;
		}
	}
	uint32_t index = index_of(&p->tag_texts, text);
	if (index == p->tags.n) {
		new_tags(p, name, text);
	}
	p->tags.v[last->tags].next = index;
	return last->tags = index;
}

static uint32_t rule_of(struct published *p, struct last_file *last, struct str text)
{
	if (!last->any || !str_equal(text, last->rule)) {
		last->rule = text;
		last->rule_index = index_of(&p->rules, str_trim(text));
	}
	last->any = true;
	return last->rule_index;
}

/* The wheel's name is that of the wheel before it, but for the tags, which are those that followed
 * these the last time: nothing of it is new. */
static bool is_next(const struct published *p, const struct last_file *last, struct str name)
{
	if (last->before.n == 0 || name.n > FILENAME_LIMIT) {
		return false;
	}
	struct str tags = p->tags.v[p->tags.v[last->tags].next].text;
	const char *behind = name.p + last->before.n;
	return name.n == last->before.n + tags.n + 4 &&
		memcmp(name.p, last->before.p, last->before.n) == 0 &&
		memcmp(behind, tags.p, tags.n) == 0 && memcmp(behind + tags.n, ".whl", 4) == 0;
}

/* A wheel of ours, called as others before it, of another version, which is told: nothing else is new. */
static bool read_next_version(struct published *p, struct last_file *last,
	const struct published_file *file, struct page_entry *entry)
{
	struct str tags = file->filename;
	if (last->stem.n == 0 || file->version == NULL || tags.n > FILENAME_LIMIT ||
		!str_take(&tags, last->stem) || !str_take(&tags, file->version->text) ||
		!str_take(&tags, STR("-")) || !str_ends(tags, ".whl")) {
		return false;
	}
	tags = str_slice(tags, 0, tags.n - strlen(".whl"));
	uint32_t index = p->tags.v[last->tags].next;
	if (!str_equal(p->tags.v[index].text, tags)) {
		size_t known = (size_t)(uintptr_t)map_get(&p->tag_texts, tags);
		if (known == 0) {
			return false;
		}
		index = (uint32_t)known - 1;
		p->tags.v[last->tags].next = index;
	}
	entry->kind = FILENAME_WHEEL;
	entry->ours = true;
	entry->version = version_of(p, last, file->version);
	entry->tags = last->tags = index;
	p->versions.v[entry->version].ours = true;
	p->versions.v[entry->version].text = file->version->text;
	last->before = (struct str){file->filename.p, (size_t)(tags.p - file->filename.p)};
	return true;
}

static void read_file(struct published *p, struct last_file *last, struct str package, size_t i)
{
	const struct published_file *file = &p->files[i];
	struct page_entry *entry = &p->entries[i];
	struct filename name;
	*entry = (struct page_entry){.version = PAGE_NOTHING,
		.tags = PAGE_NOTHING,
		.rule = rule_of(p, last, file->requires_python),
		.kind = FILENAME_OTHER,
		.yanked = file->yanked};
	if (is_next(p, last, file->filename)) {
		entry->kind = FILENAME_WHEEL;
		entry->ours = true;
		entry->version = (uint32_t)p->versions.n - 1;
		entry->tags = last->tags = p->tags.v[last->tags].next;
		return;
	}
	last->before = (struct str){0};
	if (read_next_version(p, last, file, entry)) {
		return;
	}
	if (filename_parse(file->filename, &name, NULL) != 0 || name.kind == FILENAME_OTHER) {
		return; /* stored, and never fits */
	}
	entry->kind = (unsigned char)name.kind;
	if (last->name.n == 0 || !str_equal(name.name, last->name)) {
		last->name = name.name;
		last->ours = name_equal(name.name, package);
	}
	entry->ours = last->ours;
	entry->version = version_of(p, last, &name.version);
	p->versions.v[entry->version].ours |= entry->ours;
	if (entry->ours && name.kind == FILENAME_WHEEL) {
		entry->tags = tags_of(p, last, &name);
		last->before = (struct str){file->filename.p, (size_t)(name.pythons.p - file->filename.p)};
		last->stem = str_slice(file->filename, 0, name.name.n + 1);
	}
}

static void write_versions(struct published *p)
{
	struct buf text = {0};
	VEC_EACH (struct page_version, version, &p->versions) {
		if (version->text.n == 0) {
			buf_clear(&text);
			version_write(&version->v, &text);
			version->text = buf_view(&text);
		}
		version->text =
			(struct str){arena_copy(&p->arena, version->text.p, version->text.n), version->text.n};
	}
	buf_finish(&text);
}

static int compare_versions(const void *a, const void *b)
{
	const struct page_version *const *x = a, *const *y = b;
	return version_compare(&(*x)->v, &(*y)->v);
}

static bool is_sorted(struct page_version *const *versions, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (version_compare(&versions[i - 1]->v, &versions[i]->v) > 0) {
			return false;
		}
	}
	return true;
}

/* Makes a release of each distinct version; release_of tells it for each of p->versions. */
static void make_releases(struct published *p, uint32_t *release_of)
{
	struct page_version **sorted = mem_new(p->versions.n + 1, sizeof(*sorted));
	size_t n = 0;
	VEC_EACH (struct page_version, version, &p->versions) {
		if (version->ours) {
			sorted[n++] = version;
		}
	}
	if (!is_sorted(sorted, n)) {
		qsort(sorted, n, sizeof(*sorted), compare_versions);
	}
	p->releases = arena_new(&p->arena, (n + 1) * sizeof(*p->releases));
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || version_compare(&sorted[i - 1]->v, &sorted[i]->v) != 0) {
			p->releases[p->release_count++] = (struct page_release){
				.version = sorted[i]->text, .prerelease = version_is_prerelease(&sorted[i]->v)};
		} else if (str_compare(sorted[i]->text, p->releases[p->release_count - 1].version) < 0) {
			p->releases[p->release_count - 1].version = sorted[i]->text; /* 1.0 of 1.0 and 1.0.0 */
		}
		release_of[sorted[i] - p->versions.v] = (uint32_t)p->release_count - 1;
	}
	free(sorted);
}

/* Hands each release its files, in the order of the page. */
static void share_files(struct published *p, const uint32_t *release_of)
{
	uint32_t *files = arena_new(&p->arena, (p->count + 1) * sizeof(*files));
	uint32_t *ends = mem_new(p->release_count + 1, sizeof(*ends));
	for (size_t i = 0; i < p->count; i++) {
		if (p->entries[i].ours) {
			p->releases[release_of[p->entries[i].version]].n++;
		}
	}
	uint32_t at = 0;
	for (size_t r = 0; r < p->release_count; r++) {
		p->releases[r].files = files + at;
		ends[r] = at;
		at += (uint32_t)p->releases[r].n;
	}
	for (size_t i = 0; i < p->count; i++) {
		if (p->entries[i].ours) {
			files[ends[release_of[p->entries[i].version]]++] = (uint32_t)i;
		}
	}
	free(ends);
}

struct published *published_create(
	struct str package, const struct published_file *files, size_t count)
{
	struct published *p = MEM_NEW(struct published);
	struct last_file last = {0};
	p->files = files;
	p->count = count;
	p->entries = mem_resize(NULL, count + 1, sizeof(*p->entries));
	p->tag_texts.lent = p->interpreters.lent = p->systems.lent = p->rules.lent = true;
	for (size_t i = 0; i < count; i++) {
		read_file(p, &last, package, i);
	}
	uint32_t *release_of = mem_new(p->versions.n + 1, sizeof(*release_of));
	write_versions(p);
	make_releases(p, release_of);
	share_files(p, release_of);
	free(release_of);
	return p;
}

void published_destroy(struct published *p)
{
	if (p == NULL) {
		return;
	}
	free(p->entries);
	vec_finish(&p->versions);
	vec_finish(&p->tags);
	map_finish(&p->tag_texts);
	map_finish(&p->interpreters);
	map_finish(&p->systems);
	map_finish(&p->rules);
	arena_finish(&p->arena);
	free(p);
}

enum filename_kind published_kind(const struct published *p, size_t file, struct str *version)
{
	const struct page_entry *entry = &p->entries[file];
	*version =
		entry->version != PAGE_NOTHING ? p->versions.v[entry->version].text : (struct str){0};
	return entry->kind;
}
