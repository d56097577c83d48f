/* An index that is a folder: NAME.json or NAME.json.gz, one PEP 691 page each. */
#pragma once

#include "coordinator/scan/project_page.h"

enum { FOLDER_PAGE_UNCHANGED = 1, FOLDER_PAGE_BYTES = 128 << 20 };

/* Takes the text of the page of p->name from the folder. `known` is what *etag was last time (NULL: read it in any
 * case); *etag lives in the page's arena. 0; FOLDER_PAGE_UNCHANGED; ERR_NOT_FOUND without such a
 * file; ERR_CORRUPT for bad gzip; ERR_TOO_LARGE over FOLDER_PAGE_BYTES; or the system's. Blocking. */
int folder_page_read(const char *folder, const char *known, struct project_page *p,
	const char **etag, struct err *e);
