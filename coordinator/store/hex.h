/* Hashes as 32 bytes in the database, as 64 lower-case digits everywhere else: many digits a step, as a
 * scan turns millions of them. */
#pragma once

#include "core/base/str.h"

enum { HEX_HASH = 32 };

/* The bytes of a view of exactly 2 * n lower-case hex digits; false if it is anything else. n is a
 * multiple of 16. */
bool hex_read(struct str digits, unsigned char *out, size_t n);
/* 2 * n digits, without an end; n is a multiple of 4. */
void hex_write(const unsigned char *bytes, size_t n, char *out);
