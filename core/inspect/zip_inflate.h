/* Deflated data (RFC 1951) of one member after another. Members come at once where all of one is
 * wanted and it is not huge, which is twice as fast; else piece by piece, in little memory. */
#pragma once

#include "core/base/str.h"

/* Takes inflated bytes; false: no more is wanted. */
typedef bool zip_inflate_give(void *user, struct str bytes);

struct zip_inflate; /* its memory serves all members of a reader */
struct zip_inflate *zip_inflate_create(void);
void zip_inflate_destroy(struct zip_inflate *z); /* NULL is fine */

/* A member begins that inflates to `size` bytes. With `at_once` nothing is given before its last
 * piece is there, and its contents stay until the next begin. */
void zip_inflate_begin(struct zip_inflate *z, uint64_t size, bool at_once);
/* The next piece. NULL, or the sentence why the data is bad. Sets *over if `give` wants no more. */
const char *zip_inflate_add(struct zip_inflate *z, struct str piece, bool is_last,
	zip_inflate_give *give, void *user, bool *over);
/* The contents, if they came at once; else empty. */
struct str zip_inflate_whole(const struct zip_inflate *z);

/* CRC-32 (ISO 3309), begun with 0. */
uint32_t zip_crc(uint32_t crc, struct str bytes);
