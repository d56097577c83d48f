/* A child's environment and program on Windows. */
#pragma once

#include "core/base/str.h"

/* "NAME=value" texts as the block that CreateProcessW takes: by name without case, the last of a name wins.
 * NULL and errno; the caller frees. */
wchar_t *environment_block(const char *const *env);

/* The file that `name` means: itself if it has a slash, else in the folders of PATH in `env`; with .exe,
 * .com, .bat or .cmd where it has no such ending. NULL and errno (ENOENT, EACCES for a folder). The caller
 * frees. */
char *environment_find_program(const char *name, const char *const *env);

/* A file or folder for CreateProcessW: absolute, with \, and with "\\?\" only where it is longer than
 * MAX_PATH, as most programs do not know that form; "cmd.exe" is the system's. NULL and errno. */
wchar_t *environment_file(const char *path);
