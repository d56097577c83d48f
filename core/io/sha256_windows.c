#include "core/io/sha256.h"

#include "core/base/mem.h"

#include <stdlib.h>
#include <windows.h>
#include <bcrypt.h>

/* Windows 10 has the algorithm's handle without opening anything. */
struct sha256 {
	BCRYPT_HASH_HANDLE hash;
};

static void check(NTSTATUS status)
{
	if (status < 0) {
		mem_bug("SHA-256 failed: status %08lx", (unsigned long)status);
	}
}

struct sha256 *sha256_create(void)
{
	struct sha256 *h = MEM_NEW(struct sha256);
	check(BCryptCreateHash(
		BCRYPT_SHA256_ALG_HANDLE, &h->hash, NULL, 0, NULL, 0, BCRYPT_HASH_REUSABLE_FLAG));
	return h;
}

void sha256_add(struct sha256 *h, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	while (n != 0) {
		ULONG part = n < (1 << 30) ? (ULONG)n : 1 << 30;
		check(BCryptHashData(h->hash, (PUCHAR)p, part, 0));
		p += part;
		n -= part;
	}
}

void sha256_end(struct sha256 *h, unsigned char digest[static SHA256_BYTES])
{
	check(BCryptFinishHash(h->hash, digest, SHA256_BYTES, 0));
}

void sha256_destroy(struct sha256 *h)
{
	if (h == NULL) {
		return;
	}
	BCryptDestroyHash(h->hash);
	free(h);
}

void sha256_of(struct str bytes, unsigned char digest[static SHA256_BYTES])
{
	struct sha256 *h = sha256_create();
	sha256_add(h, bytes.p, bytes.n);
	sha256_end(h, digest);
	sha256_destroy(h);
}
