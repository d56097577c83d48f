/* Lock files: what they pin, version by version and file by file, is checked as it stands; nothing is
 * solved and nobody is asked. Whatever a lock has for some extra or group counts, as for `--all-extras
 * --all-groups`; entries that come from elsewhere than an index (repositories, addresses, paths) are noted
 * as not checked.
 *
 * For the readers of this folder: one file a format. */
#pragma once

#include "coordinator/check/check.h"
#include "core/base/map.h"
#include "core/io/toml.h"

enum {
	LOCK_VERSIONS_MOST = 64, /* of one package in one lock */
};

/* One file under way. */
struct lock {
	struct check_list *list;
	const char *path;
	struct arena arena; /* of what lasts as long as the reading */
	const struct toml_node *root;
	struct check_project *about;
	struct map markers; /* text to the set of targets */
	struct err *e;
};

/* pylock.toml: PEP 751. */
int pylock_read(struct lock *l);
/* uv.lock: its documentation has no format; read as uv writes it (version 1). */
int uv_lock_read(struct lock *l);
/* poetry.lock: likewise, versions 1 and 2. */
int poetry_lock_read(struct lock *l);
/* pyproject.toml, which is no lock: its requirements are to be solved. */
int pyproject_read(struct lock *l);

/* --- lock.c: what they share --- */

/* ERR_INVALID "FILE:LINE: what". */
int lock_fail(struct lock *l, const struct toml_node *at, const char *what);
/* Tells why what stands there is not checked; `text` may be empty. */
void lock_skip(struct lock *l, const struct toml_node *at, const char *what, struct str text);

/* The file's lines want a Python that matches: specifiers, '|' between alternatives. */
void lock_python(struct lock *l, struct str specifiers);

/* The targets on which the marker holds for some choice of extras and groups; `marker` NULL: all.
 * ERR_INVALID if it is no marker. */
int lock_applies(struct lock *l, const struct toml_node *marker, uint64_t *out);
/* The targets on which one of an array's markers holds; NULL: all. */
int lock_applies_any(struct lock *l, const struct toml_node *markers, uint64_t *out);

/* A package of the lock: the normalised name and version of a table that has `name` and `version`. */
struct lock_pin {
	const struct toml_node *at;
	struct str name, version;
	struct str python; /* specifiers that its Python must match; empty: any */
	uint64_t applies;
	VEC(struct published_file) files;
};
int lock_pin_init(struct lock *l, const struct toml_node *package, struct lock_pin *out);
/* One of its files, by name or else by the end of its address or path; others than of that version are
 * left out. */
void lock_pin_file(struct lock *l, struct lock_pin *pin, const struct toml_node *file);
/* The pin becomes a line of the list, its files theirs. */
int lock_pin_add(struct lock *l, struct lock_pin *pin);
void lock_pin_finish(struct lock_pin *pin);
