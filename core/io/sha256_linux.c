/* SHA-256 is asked of libcrypto as its 1.1.1 had it: what came after looks through its providers first, which
 * at the start of a short command takes longer than all else it hashes. The code that hashes is the same. */
#define OPENSSL_API_COMPAT 10101

#include "core/io/sha256.h"

#include "core/base/mem.h"

#include <openssl/sha.h>
#include <stdlib.h>

struct sha256 {
	SHA256_CTX context;
};

static void start(struct sha256 *h)
{
	if (SHA256_Init(&h->context) != 1) {
		mem_bug("libcrypto has no SHA-256");
	}
}

struct sha256 *sha256_create(void)
{
	struct sha256 *h = MEM_NEW(struct sha256);
	start(h);
	return h;
}

void sha256_add(struct sha256 *h, const void *bytes, size_t n)
{
	if (n != 0 && SHA256_Update(&h->context, bytes, n) != 1) {
		mem_bug("SHA-256 failed");
	}
}

void sha256_end(struct sha256 *h, unsigned char digest[static SHA256_BYTES])
{
	if (SHA256_Final(digest, &h->context) != 1) {
		mem_bug("SHA-256 failed");
	}
	start(h);
}

void sha256_destroy(struct sha256 *h)
{
	free(h);
}

void sha256_of(struct str bytes, unsigned char digest[static SHA256_BYTES])
{
	struct sha256 h;
	start(&h);
	sha256_add(&h, bytes.p, bytes.n);
	sha256_end(&h, digest);
}
