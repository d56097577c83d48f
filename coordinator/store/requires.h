/* What distributions require, by the hash that the index tells of their metadata or of the file itself:
 * bytes with a hash never change, so neither does this. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"

enum { STORE_REQUIRES_KEY = 32 };

/* ERR_NOT_FOUND if nobody looked at it. The text is in `arena`. */
int store_requires_get(struct store *s, const unsigned char key[static STORE_REQUIRES_KEY],
	struct arena *arena, struct str *text, struct err *e);
/* Writes. `package` is the name (PEP 503) of whose it is: who needs that is due (dependency.h). */
int store_requires_put(struct store *s, const unsigned char key[static STORE_REQUIRES_KEY],
	struct str package, struct str text, struct err *e);
