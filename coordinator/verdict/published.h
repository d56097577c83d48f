/* The published fact (facts.md, "Published") of one package and one target: a pure function of the
 * files of the index page. */
#pragma once

#include "core/pep/filename.h"
#include "core/pep/target.h"

/* A file as the index has it; views, the caller keeps the bytes. */
struct published_file {
	struct str filename;
	const struct version *version; /* of a normalised text; NULL: the name alone tells */
	struct str requires_python; /* empty: any */
	bool yanked;
	int64_t uploaded; /* wall ms, 0 if not told */
};

/* The page, read once, asked for any targets. What is asked changes nothing in it. */
struct published;
/* `package` is the normalised name: files of other names never fit. Views into `files` are kept, so
 * the caller keeps those and their bytes until published_destroy. */
struct published *published_create(
	struct str package, const struct published_file *files, size_t count);
void published_destroy(struct published *p);

/* What kind of file files[file] is, by its name, and its normalised version (owned by p; empty if it
 * is neither wheel nor sdist, or its name breaks the rules of those). */
enum filename_kind published_kind(const struct published *p, size_t file, struct str *version);

#define PUBLISHED_STATE_MAP(X)            \
	X(WHEEL, "wheel")                     \
	X(PURE, "pure")                       \
	X(SDIST, "sdist")                     \
	X(NONE, "none")                       \
	X(PYTHON_EXCLUDED, "python_excluded") \
	X(NOT_APPLICABLE, "not_applicable")
enum published_state {
#define PUBLISHED_ENUM(name, word) PUBLISHED_##name,
	PUBLISHED_STATE_MAP(PUBLISHED_ENUM)
#undef PUBLISHED_ENUM
		PUBLISHED_STATE_COUNT,
};
const char *published_state_word(enum published_state s);
bool published_state_find(struct str word, enum published_state *out);

/* Texts are normalised versions owned by the `published`, or views onto file names; NULL (p) if there
 * is none. All versions end in a zero byte. */
struct published_fact {
	enum published_state state;
	struct str version; /* the release looked at; of `none`, `python_excluded`: none */
	const struct published_file *file; /* the one pip would take; of sdist the sdist */
	struct str sdist_version; /* newest final release with an sdist that admits this Python */
	const struct published_file *sdist_file;
	struct str first_version; /* lowest final release with a fitting platform wheel */
	int64_t first_date; /* of the first such wheel of it; wall ms, 0 if unknown */
	/* The newest final release that supports the target: with a fitting platform wheel, or with any
	 * fitting wheel if the state is `pure`. */
	struct str newest_version;
	int64_t newest_date;
	int64_t
		behind; /* final releases above it with a file that admits this Python; -1: no such one */
	struct str vanished;
	bool lost_accelerator;
	bool emulated_alternative;
	bool compiled_elsewhere; /* the release looked at has a wheel for some platform */
};

/* The facts of all targets at once: out[i] is targets[i]'s. */
void published_facts(const struct published *p, const struct pep_target *const *targets,
	size_t count, struct published_fact *out);

/* The highest final, not yanked release whatever the target, and its first upload; empty if none. */
struct str published_newest(const struct published *p, int64_t *date);

/* Does the final release of that version have a wheel whose platform is not `any`? */
bool published_compiled(const struct published *p, struct str version);
