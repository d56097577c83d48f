/* What can be installed: packages, their versions, the wheels that fit each target, and what those
 * require; as far as it was looked at. Texts that say the same are kept once, and what is asked of
 * them (markers, version sets) is asked once for all targets.
 *
 * Packages, requirements and the rest are named by their index, which never changes. Not for two
 * threads at once. */
#pragma once

#include "coordinator/store/file.h"
#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/pep/requirement.h"
#include "core/pep/target.h"

enum {
	UNIVERSE_TARGETS = 64, /* of one universe: a set of targets is one word */
	UNIVERSE_KEY = 32, /* bytes of a metadata's key */
	UNIVERSE_EXTRAS = 256, /* of one requirement, fewer than this */
	UNIVERSE_REQUIREMENTS = 20000, /* of one distribution, at most */
};
#define UNIVERSE_NONE UINT32_MAX

/* Whose rules of what an installer takes. */
enum universe_rules {
	UNIVERSE_PIP, /* requires-python counts as written */
	UNIVERSE_UV, /* only its lower bound counts */
};

/* The wheels of one version that have the same metadata. */
struct universe_wheel {
	uint64_t targets; /* whose best wheel is one of these */
	uint32_t file; /* index into the files of the page: one of them */
	uint32_t requires; /* index of `requires`; UNIVERSE_NONE: not looked at yet */
	bool yanked;
	bool keyed; /* the index tells a hash: `key` is it */
	unsigned char key[UNIVERSE_KEY]; /* SHA-256 of the metadata if told, else of the wheel */
};

struct universe_version {
	struct version version; /* a view onto `text` */
	struct str text; /* normalised */
	uint64_t fits; /* targets with a wheel that is not yanked */
	uint64_t yanked; /* targets whose only wheels are yanked */
	uint64_t admitted; /* targets whose Python some file, not yanked, admits */
	uint64_t sdist; /* of those, targets for which it is (also) an sdist */
	struct universe_wheel *wheels;
	uint32_t wheel_count;
	bool prerelease;
	bool withdrawn; /* every file is yanked */
};

enum universe_state {
	UNIVERSE_UNASKED,
	UNIVERSE_KNOWN,
	UNIVERSE_ABSENT, /* the index has no such project */
	UNIVERSE_UNREACHED, /* its page could not be had: nothing is concluded */
};

struct universe_package {
	struct str name; /* normalised */
	enum universe_state state;
	struct universe_version *versions; /* lowest first */
	uint32_t version_count;
	/* of each version: targets on which it may be installed at all; NULL: nobody found out */
	const uint64_t *alive;
	struct universe_standings *standings; /* candidate_groups.c */
	uint32_t looks; /* how often a solver wanted to know more of its versions */
};

/* A set of version specifiers of one package. */
struct universe_spec {
	uint32_t package;
	struct str text; /* read when it is asked, which is seldom more than once */
	uint64_t *matches; /* a bit a version; NULL until asked, or if every one matches */
};

struct universe_requirement {
	struct str text; /* as written */
	uint32_t package;
	uint32_t spec;
	uint32_t *extras; /* indices of `extras` */
	uint32_t extra_count;
	struct str marker;
	uint64_t applies; /* targets, if no extra is asked for */
	bool by_extra; /* the marker looks at extras */
	struct str url; /* empty: none */
};

struct universe_requires {
	uint32_t *v; /* indices of `requirements` */
	uint32_t count;
	uint64_t admits; /* targets whose Python its own requires-python admits */
	const char *bad; /* why it can never be installed from an index; NULL: it can */
	bool by_url; /* some requirement is an address */
};

struct universe {
	struct arena arena;
	enum universe_rules rules;
	size_t target_count;
	struct pep_target *targets;
	uint64_t all; /* every target */
	VEC(struct universe_package) packages;
	VEC(struct universe_spec) specs;
	VEC(struct universe_requirement) requirements;
	VEC(struct universe_requires) requires;
	VEC(struct str) extras;
	/* text to index + 1 */
	struct map package_names, spec_texts, requirement_texts, requires_texts, extra_names;
	/* of the solver, and of look_ahead, kept from one question to the next; NULL: none yet */
	struct universe_room *room;
	void (*room_finish)(struct universe_room *room);
	struct looking *looking;
	void (*looking_finish)(struct looking *l);
	struct map python_rules, tag_texts, marker_results; /* to answers in the arena */
	struct buf key; /* room for what is looked up */
};

/* At most UNIVERSE_TARGETS targets, copied. */
void universe_init(struct universe *u, const struct pep_target *const *targets, size_t count,
	enum universe_rules rules);
void universe_finish(struct universe *u);

/* The package of that name, made if there is none yet. */
uint32_t universe_package(struct universe *u, struct str name);
/* The same for names of extras. */
uint32_t universe_extra(struct universe *u, struct str name);

/* The page was read: nothing of `files` is kept. Once a package. In *places, which may be NULL, of each file
 * the index of its version; UNIVERSE_NONE: it is no wheel or sdist of the package. */
void universe_set_files(struct universe *u, uint32_t package, const struct store_file *files,
	size_t count, uint32_t *places);
/* The index of the version of that text; UNIVERSE_NONE: there is none. */
uint32_t universe_find_version(
	const struct universe_version *versions, uint32_t count, struct str text);
/* It is on the page and has metadata, which nobody read yet. */
bool universe_is_unread(const struct universe_wheel *w);
/* The key of the file's metadata; false: none is told. */
bool universe_file_key(const struct store_file *f, unsigned char key[static UNIVERSE_KEY]);

/* A requirement as text (PEP 508). ERR_INVALID. */
int universe_requirement(struct universe *u, struct str text, uint32_t *out, struct err *e);
/* A requirement text of its own package and set: `==VERSION` and the like. */
uint32_t universe_spec(struct universe *u, uint32_t package, struct str specifiers);
struct specifier_set universe_spec_set(const struct universe *u, uint32_t spec);
/* The set of targets on which the requirement applies when `extra` (UNIVERSE_NONE: none) is asked for.
 * A comparison that is undefined does not apply. */
uint64_t universe_applies(struct universe *u, uint32_t requirement, uint32_t extra);
/* Does the version, by its index in the package of the spec, match? */
bool universe_matches(struct universe *u, uint32_t spec, uint32_t version);
/* All that match, a bit a version; NULL: every one. */
const uint64_t *universe_match_bits(struct universe *u, uint32_t spec);
/* The targets that a requires-python text admits, by the universe's rules; one that cannot be read
 * admits all, as installers have it. */
uint64_t universe_admits(struct universe *u, struct str requires_python);

/* What a distribution requires, as one text (requires_text.h); equal texts have the same index. */
uint32_t universe_requires(struct universe *u, struct str text);
/* The same of a distribution whose metadata is none; `why` is copied. */
uint32_t universe_requires_bad(struct universe *u, const char *why);

static inline bool universe_has(uint64_t set, size_t target)
{
	return (set >> target & 1) != 0;
}
