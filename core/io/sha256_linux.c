#include "core/io/sha256.h"

#include "core/base/mem.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

struct sha256 {
	EVP_MD_CTX *context;
};

static EVP_MD *fetched;

static void fetch(void)
{
	fetched = EVP_MD_fetch(NULL, "SHA256", NULL); /* for the life of the process */
}

/* Looked up once: libcrypto would else search its providers for each digest. */
static const EVP_MD *algorithm(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, fetch);
	return fetched;
}

static void start(struct sha256 *h)
{
	if (EVP_DigestInit_ex(h->context, algorithm(), NULL) != 1) {
		mem_bug("libcrypto has no SHA-256");
	}
}

struct sha256 *sha256_create(void)
{
	struct sha256 *h = MEM_NEW(struct sha256);
	h->context = EVP_MD_CTX_new();
	if (h->context == NULL) {
		mem_bug("no memory for a SHA-256 context");
	}
	start(h);
	return h;
}

void sha256_add(struct sha256 *h, const void *bytes, size_t n)
{
	if (n != 0 && EVP_DigestUpdate(h->context, bytes, n) != 1) {
		mem_bug("SHA-256 failed");
	}
}

void sha256_end(struct sha256 *h, unsigned char digest[static SHA256_BYTES])
{
	if (EVP_DigestFinal_ex(h->context, digest, NULL) != 1) {
		mem_bug("SHA-256 failed");
	}
	start(h);
}

void sha256_destroy(struct sha256 *h)
{
	if (h == NULL) {
		return;
	}
	EVP_MD_CTX_free(h->context);
	free(h);
}

void sha256_of(struct str bytes, unsigned char digest[static SHA256_BYTES])
{
	if (EVP_Digest(bytes.n != 0 ? bytes.p : "", bytes.n, digest, NULL, algorithm(), NULL) != 1) {
		mem_bug("SHA-256 failed");
	}
}
