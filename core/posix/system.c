/* What is neither a file nor a folder. */
#include "core/posix/include/posix_windows.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <windows.h>
#include <bcrypt.h>

ssize_t posix_getrandom(void *bytes, size_t n, unsigned flags)
{
	if (BCryptGenRandom(NULL, bytes, (ULONG)n, BCRYPT_USE_SYSTEM_PREFERRED_RNG) < 0) {
		errno = EIO;
		return -1;
	}
	return (ssize_t)n;
}

/* Of those that a crash is told as (core/io/process_tree_windows.c). */
const char *posix_strsignal(int number)
{
	switch (number) {
	case SIGSEGV:
		return "Segmentation fault";
	case SIGILL:
		return "Illegal instruction";
	case SIGFPE:
		return "Floating point exception";
	case SIGABRT:
		return "Aborted";
	default:
		return "Unknown signal";
	}
}

char *posix_setlocale(int category, const char *name)
{
	return setlocale(category, strcmp(name, "C.UTF-8") == 0 ? ".UTF-8" : name);
}
