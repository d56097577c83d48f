/* Mach-O images: known by magic and machine only; macOS is no target, but such a file in a wheel for
 * Linux or Windows is worth a word. */
#pragma once

#include "core/base/str.h"

struct macho {
	const char *machine; /* "aarch64", "x86_64", "universal2" or "unknown" */
	bool is_executable; /* MH_EXECUTE; libraries and bundles are not */
};

bool macho_is(struct str bytes); /* by magic; a Java class file, which shares one, is not */
void macho_read(struct str bytes, struct macho *out); /* of bytes that macho_is says yes to */
