/* What a stage's child may see and do, and the command line that makes it so. One file per operating
 * system behind this header. */
#pragma once

#include "agent/text_list.h"

struct sandbox_bind {
	const char *from; /* on the host, absolute */
	const char *to; /* inside, absolute */
	bool writable;
	bool optional; /* no fault if `from` is not there */
};

struct sandbox_binds {
	struct sandbox_bind *v;
	size_t n;
	size_t capacity;
};

struct sandbox_spec {
	const char
		*image; /* a root folder, read-only inside; NULL: the host's programs and libraries */
	bool network; /* only for steps that fetch and run no foreign code */
	const char *tmp; /* a folder that becomes /tmp, writable */
	const char *cwd; /* inside; NULL: /tmp */
	struct sandbox_binds binds; /* made in order, so a later one may lie in an earlier one */
	struct text_list env; /* "NAME=value", all the child gets; a later one wins */
	/* The same, but given to the process itself (sandbox_env): an index's address may hold a password,
	 * and what is in argv every user of the host can read. */
	struct text_list private_env;
	struct text_list argv; /* paths as they are inside */
};

/* Both texts are copied. */
void sandbox_bind(
	struct sandbox_spec *s, struct arena *a, const char *from, const char *to, bool writable);
void sandbox_bind_optional(
	struct sandbox_spec *s, struct arena *a, const char *from, const char *to);

/* The argv that runs the spec, in `out`; memory in arena. Looks at the image's top-level entries.
 * ERR_NOT_FOUND if the image's folder is no root file system. */
int sandbox_argv(
	const struct sandbox_spec *s, struct arena *a, struct text_list *out, struct err *e);

/* The environment of the process that runs that argv, in `out`, and where it starts (NULL: no matter). What
 * the sandbox itself gives to the child is in the argv already. */
void sandbox_env(const struct sandbox_spec *s, struct arena *a, struct text_list *out);
const char *sandbox_cwd(const struct sandbox_spec *s, struct arena *a);
/* The signal that an exit code of that process tells of, 0 if none. */
int sandbox_signal(int exit_code);

/* "bubblewrap 0.8.0", or "" if it is not installed; in arena. Blocking, once at start. */
const char *sandbox_identity(struct arena *a);

/* Where our folders lie on the host, and where they are seen after sandbox_expose. */
struct sandbox_exposed {
	const char *folder; /* "/run/wheelfarm"; NULL: nothing was exposed */
	const char *cache; /* the paths of before, absolute */
	const char *workspace;
	const char *program;
};

/* Makes a place that every user can reach: a private mount namespace, and the three bound below
 * /run/wheelfarm, because a cache in a home of mode 0700 cannot be seen by the slots' own users. Only
 * for root, before any thread exists; then *cache, *workspace and *program are the new paths, and
 * *out keeps the old ones (all in arena). Makes the two folders if they are not there. */
int sandbox_expose(struct arena *a, const char **cache, const char **workspace,
	const char **program, struct sandbox_exposed *out, struct err *e);
