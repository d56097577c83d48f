#include "core/io/curl.h"

#include "core/base/late.h"

#include <pthread.h>

static struct curl_functions functions;

static void load(void)
{
#define NAME(name) LATE_NAME(curl_##name)
	static const struct late_name names[] = {CURL_FUNCTIONS(NAME)};
#undef NAME
	late_load("libcurl.so.4", names, sizeof(names) / sizeof(*names), &functions);
}

const struct curl_functions *curl(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
	return &functions;
}
