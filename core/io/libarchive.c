#include "core/io/libarchive.h"

#include "core/base/late.h"

#include <pthread.h>

static struct libarchive_functions functions;

static void load(void)
{
#define NAME(name) LATE_NAME(archive_##name)
	static const struct late_name names[] = {LIBARCHIVE_FUNCTIONS(NAME)};
#undef NAME
	late_load("libarchive.so.13", names, sizeof(names) / sizeof(*names), &functions);
}

const struct libarchive_functions *libarchive(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
	return &functions;
}
