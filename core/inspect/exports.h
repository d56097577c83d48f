/* What the DLLs of Windows on ARM, and the Python libraries there, export by name. The lists are data with
 * their sources, exports_windows.txt (written by exports_update.py); a DLL that is not in it is not known. */
#pragma once

#include "core/base/str.h"

struct exports {
	const char *dll; /* lower case */
	const char *const *names; /* sorted bytewise */
	size_t count;
};

/* Generated; sorted by dll. */
extern const struct exports exports_table[];
extern const size_t exports_count;

/* The list of a DLL, in any case; the API sets of the C runtime (api-ms-win-crt-*) have ucrtbase.dll's.
 * NULL if there is none. */
const struct exports *exports_find(struct str dll);
bool exports_has(const struct exports *x, struct str symbol);
