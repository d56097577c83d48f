#include "cli/agent_program.h"

#include "core/io/file.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

char *agent_program(void)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0) {
		return str_dup(STR("wheelfarm-agent"));
	}
	self[n] = '\0';
	return file_join(dirname(self), "wheelfarm-agent");
}

char *agent_cache_folder(void)
{
	const char *cache = getenv("XDG_CACHE_HOME");
	if (cache != NULL && cache[0] == '/') {
		return file_join(cache, "wheelfarm");
	}
	const char *home = getenv("HOME");
	return str_format("%s/.cache/wheelfarm", home != NULL ? home : "/root");
}
