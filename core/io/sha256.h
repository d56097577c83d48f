/* SHA-256 (FIPS 180-4) by the system's library (libcrypto; CNG on Windows), and its lower-case hex text. */
#pragma once

#include "core/base/str.h"

enum { SHA256_BYTES = 32, SHA256_HEX = 65 };

struct sha256; /* a running hash */
struct sha256 *sha256_create(void);
void sha256_add(struct sha256 *h, const void *bytes, size_t n);
void sha256_end(struct sha256 *h, unsigned char digest[static SHA256_BYTES]); /* h may be reused */
void sha256_destroy(struct sha256 *h);

void sha256_of(struct str bytes, unsigned char digest[static SHA256_BYTES]);
/* Blocking: the hash and size of a file; for worker threads and short-lived commands. */
int sha256_of_file(const char *path, char hex[static SHA256_HEX], uint64_t *size, struct err *e);
void sha256_hex(const unsigned char digest[static SHA256_BYTES], char hex[static SHA256_HEX]);
bool sha256_hex_valid(struct str hex); /* exactly 64 of [0-9a-f] */
