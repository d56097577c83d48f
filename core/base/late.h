/* Libraries that few commands need, loaded when the first of their functions is called. Each of these
 * brings some twenty others, which as ordinary needs of the program would cost all commands, and tens
 * of files in one `show`, five to ten milliseconds. On Windows, where the agent is one file without
 * needs, they are linked in, and the same pointers lead there.
 *
 * Who wants one names its functions once, as LIBRARY_FUNCTIONS(X) with an X(name) each, without their
 * common prefix, and has a struct of pointers to them made of that (core/io/curl.h). The headers are
 * the library's own, so that the compiler checks each call. */
#pragma once

#include <stddef.h>

/* By what a function is found. */
#ifdef _WIN32
struct late_name {
	void (*function)(void);
};
#define LATE_NAME(name) {(void (*)(void))(name)},
#else
struct late_name {
	const char *text;
};
#define LATE_NAME(name) {#name},
#endif

/* Fills n pointers from `functions` on. A library or function that is not there ends the program as the
 * loader would have at its start: a sentence, and 127. */
void late_load(const char *file, const struct late_name *names, size_t n, void *functions);
