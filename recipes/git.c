#include "recipes/git.h"

#include "core/base/late.h"

#include <pthread.h>

static struct git_functions functions;

static void load(void)
{
#define NAME(name) LATE_NAME(git_##name)
	static const struct late_name names[] = {GIT_FUNCTIONS(NAME)};
#undef NAME
	late_load("libgit2.so.1.5", names, sizeof(names) / sizeof(*names), &functions);
}

const struct git_functions *git(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
	return &functions;
}
