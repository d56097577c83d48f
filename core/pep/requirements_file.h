/* Requirement files as pip reads them: lines joined by a backslash, comments, options, requirements with
 * options of their own (`--hash`). No standard has them; pip's documentation ("Requirements File
 * Format") does. */
#pragma once

#include "core/base/str.h"

enum requirements_line_kind {
	REQUIREMENTS_REQUIREMENT, /* PEP 508; not parsed further */
	REQUIREMENTS_INCLUDE, /* -r FILE */
	REQUIREMENTS_CONSTRAINTS, /* -c FILE */
	REQUIREMENTS_EDITABLE, /* -e WHAT */
	REQUIREMENTS_ADDRESS, /* a URL or a path instead of a name */
	REQUIREMENTS_OPTION, /* any other option: of the index, or of how to build */
};

struct requirements_line {
	enum requirements_line_kind kind;
	struct str text; /* lives until the next call */
	size_t line; /* where it begins, from 1 on */
};

enum { REQUIREMENTS_LINE_MOST = 64 << 10 }; /* bytes of a joined line */

/* A walk over a file. Zeroed but for `rest`, the whole text. */
struct requirements_file {
	struct str rest;
	size_t line; /* read so far */
	struct buf joined;
	/* The value of ${NAME}, NULL: there is none and the text stays. May be NULL. */
	const char *(*variable)(void *user, struct str name);
	void *user;
};

/* 1: *out is the next line that says something. 0: there are no more. ERR_INVALID: a control character,
 * or bytes that are not UTF-8; ERR_TOO_LARGE: a line over REQUIREMENTS_LINE_MOST. Its number is in
 * f->line. */
int requirements_file_next(
	struct requirements_file *f, struct requirements_line *out, struct err *e);
void requirements_file_finish(struct requirements_file *f);
