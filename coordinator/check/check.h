/* The question of `wheelfarm check`: would these install on these targets, from wheels alone, and what
 * blocks them. */
#pragma once

#include "coordinator/check/gather.h"
#include "coordinator/solve/explain.h"
#include "coordinator/store/headline.h"
#include "coordinator/verdict/published.h"
#include "recipes/scope.h"

/* What a file of a project or a lock says of all its lines. */
struct check_project {
	const char *source;
	/* Sets of specifiers with '|' between, one of which its Python must match; empty: any. */
	struct str python;
	uint64_t made_for; /* targets that it was made for, as a set of the list's */
};

/* A version that a lock file pins. */
struct check_locked {
	struct str name; /* normalised */
	struct str version; /* likewise */
	struct str python; /* as of the project, of this version alone */
	uint64_t applies; /* targets on which it is installed */
	const struct published_file *files; /* of this version; the only ones that are taken */
	size_t file_count;
};

/* One line of what is checked, with where it stands ("requirements.txt:3"). */
struct check_line {
	const char *source;
	struct str requirement; /* PEP 508 */
	bool constraint; /* it binds what is installed, and installs nothing */
	const struct check_project *project; /* NULL: a requirement file */
	const struct check_locked *locked; /* NULL: it is solved */
};
struct check_not_checked {
	const char *source;
	const char *why;
};
struct check_list {
	/* Who asks, at most UNIVERSE_TARGETS; set before a file is read: what a lock installs differs. */
	const struct pep_target *const *targets;
	size_t target_count;
	struct arena arena;
	VEC(struct check_line) lines;
	VEC(struct check_not_checked) not_checked;
};
/* The set of all its targets. */
uint64_t check_list_all(const struct check_list *l);
void check_list_finish(struct check_list *l);

#define CHECK_CONFLICT "conflict" /* of versions */
#define CHECK_NOT_READ "not_read" /* nobody looked at it, and the index may not be asked */
#define CHECK_NOT_LOCKED "not_locked" /* the lock file was made for other targets */
/* If a version without a wheel were built: could what it needs then be had? */
enum check_built { CHECK_NOT_ASKED, CHECK_BUILT_UNKNOWN, CHECK_BUILT_BLOCKED, CHECK_BUILT_OK };
struct check_source {
	enum check_built state;
	const char *why; /* it is not known; else NULL */
	const char **requires; /* what it says, as far as it applies on the target */
	size_t require_count;
	const char **blockers; /* names; of a conflict of versions none */
	size_t blocker_count;
};
struct check_blocker {
	const char *name;
	const char *version; /* NULL: none */
	const char *reason; /* a word of question.h or one of the above */
	const char *path; /* how it comes in; of a conflict the proof, lines with newlines between */
	size_t waits; /* items of the target that it blocks */
	struct check_source source;
};

/* A requirement on a target. */
struct check_item {
	const struct check_line *line;
	size_t target; /* index of the asked targets */
	const char *name;
	bool installable;
	const char *version; /* of all together if that works, else of this alone; NULL: none */
	const char *newest_allowed; /* newest that it admits, whatever the target; NULL: none */
	const char *nearest; /* newest that works alone; NULL: none */
	enum headline headline; /* of newest_allowed */
	struct check_blocker *blockers;
	size_t blocker_count;
};
struct check_root {
	const char *name;
	const char *reason;
	VEC(const char *) blocks; /* names of items, each once */
};

struct check_pick {
	const char *name;
	const char *version;
};
struct check_target {
	const char *name;
	bool together; /* all of it can be installed at once */
	struct check_pick *picks; /* then all that is installed, by name */
	size_t pick_count;
};

struct check_answer {
	struct arena arena;
	struct check_target *targets;
	size_t target_count;
	VEC(struct check_item) items; /* by line, then target; those that do not apply are left out */
	VEC(struct check_root) roots; /* the one that blocks most first */
};

struct check_options {
	struct gather *gather;
	const struct pep_target *const *targets; /* those of the list */
	size_t target_count;
	enum universe_rules rules;
	const struct scope *scope;
	/* of blockers without a wheel it is found out what they would need if they were built */
	bool sources;
	void (*on_target)(void *user, size_t target); /* it is the next one; may be NULL */
	void *user;
};

/* 0 and an answer; ERR_INVALID if a line is no requirement; or what gather_wait said: nothing is
 * concluded then. The caller finishes the answer in any case. The list must outlive it. */
int check_run(const struct check_options *options, const struct check_list *list,
	struct check_answer *out, struct err *e);
void check_answer_finish(struct check_answer *a);
