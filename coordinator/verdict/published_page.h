/* The files of a page, read once: names parsed, grouped into releases in PEP 440 order, the distinct
 * requires-python texts parsed. For published.c alone. */
#pragma once

#include "coordinator/verdict/published.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/pep/filename.h"
#include "core/pep/specifier.h"

/* Which platforms a wheel's name speaks of: what cannot fit is left out without looking at tags. */
enum page_platform {
	PAGE_ANY = 1,
	PAGE_AARCH64 = 2,
	PAGE_ARM64 = 4,
	PAGE_OTHER = 8,
};

/* A wheel or sdist of this package. */
struct page_entry {
	const struct published_file *file;
	struct filename name;
	size_t rule; /* index of its requires-python; 0 is "any" */
	unsigned platforms; /* enum page_platform, 0 for an sdist */
};

struct page_release {
	struct page_entry *entries; /* all of the same version */
	size_t n;
	struct str version; /* normalised */
	bool prerelease;
};

struct page_rule {
	struct str text;
	struct specifier_set set;
	bool valid; /* an invalid one excludes nobody, as pip has it */
};

struct page_column;

struct published {
	struct arena arena;
	struct page_entry *entries;
	size_t entry_count;
	struct page_release *releases; /* lowest first */
	size_t release_count;
	VEC(struct page_rule) rules;
	VEC(struct page_column *) columns; /* answers of the rules, one a Python */
};

/* The answers for one full version of Python; found once a question. */
struct page_column *page_column_of(struct published *p, const char *full_version);
/* True if the file's requires-python admits that Python. */
bool page_admits(const struct published *p, struct page_column *column, size_t rule);
/* True if any file of the page, of whatever kind, does. */
bool page_admits_any(const struct published *p, struct page_column *column);
