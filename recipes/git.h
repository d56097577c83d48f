/* libgit2, loaded when it is first used: see core/base/late.h. */
#pragma once

#include <git2.h>

#define GIT_FUNCTIONS(X)       \
	X(checkout_tree)           \
	X(error_last)              \
	X(libgit2_init)            \
	X(libgit2_opts)            \
	X(libgit2_shutdown)        \
	X(object_free)             \
	X(object_lookup)           \
	X(oid_tostr)               \
	X(reference_name_to_id)    \
	X(remote_create_anonymous) \
	X(remote_fetch)            \
	X(remote_free)             \
	X(repository_free)         \
	X(repository_init)         \
	X(repository_open_bare)    \
	X(repository_open_ext)     \
	X(repository_workdir)      \
	X(status_list_entrycount)  \
	X(status_list_free)        \
	X(status_list_new)

struct git_functions {
#define GIT_MEMBER(name) __typeof__(git_##name) *name;
	GIT_FUNCTIONS(GIT_MEMBER)
#undef GIT_MEMBER
};

/* `git()->NAME(…)` is git_NAME. Any thread. */
const struct git_functions *git(void);
