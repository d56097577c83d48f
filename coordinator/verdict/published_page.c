#include "coordinator/verdict/published_page.h"

#include "core/base/map.h"
#include "core/pep/name.h"

/* What the rules answer to one Python: -1 not asked yet, else 0 or 1. */
struct page_column {
	const char *full_version;
	signed char *answers;
};

static int compare_entries(const void *a, const void *b)
{
	const struct page_entry *x = a, *y = b;
	if (!str_equal(x->name.version.text, y->name.version.text)) {
		int order = version_compare(&x->name.version, &y->name.version);
		if (order != 0) {
			return order;
		}
	}
	return str_compare(x->file->filename, y->file->filename);
}

static unsigned platforms_of(struct str platforms)
{
	unsigned mask = 0;
	struct str part;
	while (str_split(&platforms, '.', &part)) {
		if (str_equal_nocase(part, STR("any"))) {
			mask |= PAGE_ANY;
		} else if (str_ends(part, "aarch64")) {
			mask |= PAGE_AARCH64;
		} else if (str_ends(part, "arm64")) {
			mask |= PAGE_ARM64;
		} else {
			mask |= PAGE_OTHER;
		}
	}
	return mask;
}

/* The index of a requires-python text among the distinct ones. `seen` holds index + 1. */
static size_t rule_of(struct published *p, struct map *seen, struct str text)
{
	text = str_trim(text);
	size_t known = (size_t)(uintptr_t)map_get(seen, text);
	if (known != 0) {
		return known - 1;
	}
	struct page_rule *rule = vec_add(&p->rules);
	rule->text = text;
	rule->valid = text.n != 0 && specifier_set_parse(text, &rule->set, NULL) == 0;
	map_put(seen, text, (void *)(uintptr_t)p->rules.n);
	return p->rules.n - 1;
}

static void group_releases(struct published *p)
{
	qsort(p->entries, p->entry_count, sizeof(*p->entries), compare_entries);
	p->releases = arena_new(&p->arena, (p->entry_count + 1) * sizeof(*p->releases));
	struct buf text = {0};
	for (size_t i = 0; i < p->entry_count; i++) {
		struct page_release *last =
			p->release_count != 0 ? &p->releases[p->release_count - 1] : NULL;
		const struct version *v = &p->entries[i].name.version;
		if (last == NULL || version_compare(&last->entries[0].name.version, v) != 0) {
			last = &p->releases[p->release_count++];
			last->entries = &p->entries[i];
			last->prerelease = version_is_prerelease(v);
			buf_clear(&text);
			version_write(v, &text);
			last->version = (struct str){arena_copy(&p->arena, text.p, text.n), text.n};
		}
		last->n++;
	}
	buf_finish(&text);
}

struct published *published_create(
	struct str package, const struct published_file *files, size_t count)
{
	struct published *p = MEM_NEW(struct published);
	struct map seen = {0};
	p->entries = arena_new(&p->arena, (count + 1) * sizeof(*p->entries));
	for (size_t i = 0; i < count; i++) {
		struct page_entry *entry = &p->entries[p->entry_count];
		entry->file = &files[i];
		entry->rule = rule_of(p, &seen, files[i].requires_python);
		if (filename_parse(files[i].filename, &entry->name, NULL) != 0 ||
			entry->name.kind == FILENAME_OTHER || !name_equal(entry->name.name, package)) {
			continue; /* stored, and never fits */
		}
		if (entry->name.kind == FILENAME_WHEEL) {
			entry->platforms = platforms_of(entry->name.platforms);
		}
		p->entry_count++;
	}
	map_finish(&seen);
	group_releases(p);
	return p;
}

void published_destroy(struct published *p)
{
	if (p == NULL) {
		return;
	}
	vec_finish(&p->rules);
	vec_finish(&p->columns);
	arena_finish(&p->arena);
	free(p);
}

struct page_column *page_column_of(struct published *p, const char *full_version)
{
	for (size_t i = 0; i < p->columns.n; i++) {
		if (strcmp(p->columns.v[i]->full_version, full_version) == 0) {
			return p->columns.v[i];
		}
	}
	struct page_column *column = arena_new(&p->arena, sizeof(*column));
	column->full_version = arena_copy(&p->arena, full_version, strlen(full_version));
	column->answers = arena_new(&p->arena, p->rules.n + 1);
	memset(column->answers, -1, p->rules.n);
	*vec_add(&p->columns) = column;
	return column;
}

bool page_admits(const struct published *p, struct page_column *column, size_t rule)
{
	if (column->answers[rule] < 0) {
		const struct page_rule *r = &p->rules.v[rule];
		struct version python;
		column->answers[rule] = !r->valid ||
			version_parse(str_from(column->full_version), &python, NULL) != 0 ||
			specifier_set_contains(&r->set, &python);
	}
	return column->answers[rule] != 0;
}

bool page_admits_any(const struct published *p, struct page_column *column)
{
	for (size_t i = 0; i < p->rules.n; i++) {
		if (page_admits(p, column, i)) {
			return true;
		}
	}
	return false;
}
