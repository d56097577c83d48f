/* One command line of Windows from an argv, so that the program gets the same words: by the rules of
 * CommandLineToArgvW and the C library for programs, by cmd.exe's own for what it reads itself. */
#pragma once

#include "core/base/str.h"

enum command_line_kind {
	COMMAND_LINE_PROGRAM,
	COMMAND_LINE_CMD, /* cmd.exe itself: what follows /c or /k is its text, in one pair of quotes, as typed */
	COMMAND_LINE_BATCH, /* a .bat or .cmd file: run by cmd.exe, its arguments quoted so that nothing expands */
};
/* By the name of the program's file. */
enum command_line_kind command_line_kind_of(const char *program);

/* Appends the line in UTF-8. `program` is the file itself, `argv` begins with its name. ERR_INVALID: a word
 * that cannot be given safely (a line's end or % to a batch file). */
int command_line(const char *program, const char *const *argv, struct buf *out, struct err *e);
