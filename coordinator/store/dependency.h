/* What is stored of dependencies over all packages: who needs whom, what a solver wants of each page, and
 * the verdict on each package and target with its blockers. What it means is coordinator/depend's. */
#pragma once

#include "coordinator/store/store.h"
#include "coordinator/store/target.h"
#include "core/base/mem.h"

enum { DEPENDENCY_OK = 'o', DEPENDENCY_BLOCKED = 'k', DEPENDENCY_UNKNOWN = 'u' };

/* "ok", "blocked", "unknown" of a letter; of any other letter too it is unknown. */
const char *store_dependency_word(char letter);

/* For which targets packs and letters were made: their names with spaces between, in the order of the
 * packs' bits. NULL: dependencies were never read. In `arena`. */
int store_dependency_state(
	struct store *s, struct arena *arena, const char **targets, struct err *e);
/* Writes. */
int store_dependency_state_put(struct store *s, const char *targets, int64_t now, struct err *e);
/* Writes. Other targets: no pack is good any more, and every package is due. */
int store_dependency_forget(struct store *s, struct err *e);

/* A package of which something is new since those who need it were judged. */
struct store_due {
	int64_t id; /* of the note: later ones are higher */
	int64_t package;
	const char *name;
};
/* Oldest note first; an array in `arena`. */
int store_due_list(
	struct store *s, struct arena *arena, struct store_due **out, size_t *count, struct err *e);
/* Writes. The notes up to this one are done with: what was judged by since then counts. */
int store_due_done(struct store *s, int64_t id, struct err *e);

/* By what the verdicts on those who need a package were judged: its versions then (release_pack.h), and how
 * many of their wheels had metadata that was read. In `arena`; empty: nobody knows. */
int store_judged_pack(struct store *s, int64_t package, struct arena *arena, struct str *pack,
	int64_t *known, struct err *e);
/* Writes. It counts once the notes up to `round` are done with. */
int store_judged_pack_put(
	struct store *s, int64_t package, struct str pack, int64_t known, int64_t round, struct err *e);
/* Ids of the texts that packages require, each once, which name this one in any version. In `arena`. */
int store_dependency_asked(struct store *s, struct str name, struct arena *arena, int64_t **out,
	size_t *count, struct err *e);
/* Packages that are blocked by that one, or in a way whose words speak of a version of it. In `arena`. */
int store_dependency_mentions(struct store *s, struct str name, struct arena *arena,
	const char ***out, size_t *count, struct err *e);

/* What is known of a package by name. */
struct store_dependency_package {
	int64_t id; /* 0: not in the database */
	bool absent; /* the index has no such project */
	bool scanned; /* its page was read at some time */
	struct str pack; /* release_pack.h; empty: none, or not made yet */
};
/* Texts are in `arena`. */
int store_dependency_package(struct store *s, struct str name, struct arena *arena,
	struct store_dependency_package *out, struct err *e);
/* Writes, unless something came of the package after the note `due`. */
int store_dependency_pack_put(
	struct store *s, int64_t package, struct str pack, int64_t due, struct err *e);

/* The metadata that was read of a package: its key (requires.h), and the id of its text; by key. */
struct store_dependency_requires {
	unsigned char key[32];
	int64_t requires;
};
int store_dependency_requires(struct store *s, int64_t package, struct arena *arena,
	struct store_dependency_requires **out, size_t *count, struct err *e);
int store_dependency_text(
	struct store *s, int64_t requires, struct arena *arena, struct str *text, struct err *e);

/* The releases looked at (facts.md), each with its targets. */
struct store_dependency_version {
	struct str targets; /* '1' at the place of each target's id */
	struct str version;
};
int store_dependency_versions(struct store *s, int64_t package, struct arena *arena,
	struct store_dependency_version **out, size_t *count, struct err *e);

/* Those of all packages that are sdists on some target; an array in `arena`. */
struct store_dependency_sdist {
	const char *name;
	const char *version;
};
int store_dependency_sdists(struct store *s, struct arena *arena,
	struct store_dependency_sdist **out, size_t *count, struct err *e);

/* One who names a node ("name" or "name[extra]"): a package, by itself or by one of its extras. */
struct store_needed_by {
	const char *name;
	const char *extra; /* "": by itself */
	int64_t package;
};
int store_needed_by(struct store *s, struct str node, struct arena *arena,
	struct store_needed_by **out, size_t *count, struct err *e);
struct store_need {
	const char *extra; /* "" or the one that asks for it */
	const char *node;
};
/* Writes. These take the place of all that the package named. */
int store_needs_replace(
	struct store *s, int64_t package, const struct store_need *needs, size_t count, struct err *e);

/* What blocks a package on some targets. */
struct store_blocker {
	struct str targets; /* '1' at the place of each target's id */
	const char *root;
	const char *version; /* NULL: none */
	const char *reason;
	const char *path;
	char words[STORE_TARGETS]; /* headlines of the root, by target; filled by readers */
};
int store_blocker_list(struct store *s, int64_t package, struct arena *arena,
	struct store_blocker **out, size_t *count, struct err *e);

/* Writes. The verdict on a package: letters by target id, and what blocks it. */
int store_dependency_put(struct store *s, int64_t package, struct str letters,
	const struct store_blocker *blockers, size_t count, struct err *e);
/* The letters alone, in `arena`; empty if there is no such package. */
int store_dependency_letters(
	struct store *s, struct str name, struct arena *arena, struct str *letters, struct err *e);

/* How many packages wait for a root on each target, and their downloads; the place is the target's id - 1. */
struct store_waiting {
	struct store_waits {
		int64_t packages, downloads;
	} v[STORE_TARGETS];
};
int store_waiting_get(struct store *s, struct str root, struct store_waiting *out, struct err *e);
