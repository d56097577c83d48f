/* What is neither a file nor a folder. */
#include "core/posix/include/posix_windows.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
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

/* What was asked for stays, as the caller may keep it; a value that is as it was is told again. */
char *posix_getenv(const char *name)
{
	static SRWLOCK lock = SRWLOCK_INIT;
	static struct told {
		struct told *next;
		char *value;
	} * all;
	wchar_t *wide = posix_wide(name);
	wchar_t value[32768];
	DWORD n = wide != NULL ? GetEnvironmentVariableW(wide, value, 32768) : 0;
	free(wide);
	if (n == 0 || n >= 32768) {
		return NULL;
	}
	char *narrow = posix_narrow(value, n);
	AcquireSRWLockExclusive(&lock);
	struct told *told = all;
	while (told != NULL && narrow != NULL && strcmp(told->value, narrow) != 0) {
		told = told->next;
	}
	if (told == NULL && narrow != NULL && (told = malloc(sizeof(*told))) != NULL) {
		*told = (struct told){.next = all, .value = narrow};
		all = told;
	} else {
		free(narrow);
	}
	ReleaseSRWLockExclusive(&lock);
	return told != NULL ? told->value : NULL;
}

char *posix_setlocale(int category, const char *name)
{
	return setlocale(category, strcmp(name, "C.UTF-8") == 0 ? ".UTF-8" : name);
}
