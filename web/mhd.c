#include "web/mhd.h"

#include "core/base/late.h"

#include <pthread.h>

static struct mhd_functions functions;

static void load(void)
{
#define NAME(name) LATE_NAME(MHD_##name)
	static const struct late_name names[] = {MHD_FUNCTIONS(NAME)};
#undef NAME
	late_load("libmicrohttpd.so.12", names, sizeof(names) / sizeof(*names), &functions);
}

const struct mhd_functions *mhd(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
	return &functions;
}
