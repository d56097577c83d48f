/* An index that is a folder: NAME.json or NAME.json.gz, one PEP 691 page each. */
#pragma once

#include "core/base/str.h"

struct folder_page {
	int fd; /* the caller closes */
	char *path; /* the caller frees */
	bool packed; /* gzip */
	char etag[80]; /* size and time: what tells whether the file is the one of last time */
};

/* ERR_NOT_FOUND without such a file, or the system's error; nothing is left open then. */
int folder_page_open(const char *folder, const char *name, struct folder_page *out, struct err *e);
