#include "core/base/late.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void fail(void)
{
	fprintf(stderr, "wheelfarm: %s\n", dlerror());
	_exit(127);
}

void late_load(const char *file, const struct late_name *names, size_t n, void *functions)
{
	void *library = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
	if (library == NULL) {
		fail();
	}
	for (size_t i = 0; i < n; i++) {
		void *function = dlsym(library, names[i].text);
		if (function == NULL) {
			fail();
		}
		memcpy((char *)functions + i * sizeof(function), &function, sizeof(function));
	}
}
