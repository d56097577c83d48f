#include "core/io/sha256.h"

#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int sha256_of_file(const char *path, char hex[static SHA256_HEX], uint64_t *size, struct err *e)
{
	enum { PIECE = 256 * 1024 };
	struct sha256 *h = sha256_create();
	char *piece = mem_new(PIECE, 1);
	uint64_t total = 0;
	int code = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		code = err_set(e, -errno, "%s: cannot be opened: %s", path, err_text(-errno));
		goto out;
	}
	for (;;) {
		ssize_t n = read(fd, piece, PIECE);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			code = err_set(e, -errno, "%s: cannot be read: %s", path, err_text(-errno));
			goto out;
		}
		if (n == 0) {
			break;
		}
		sha256_add(h, piece, (size_t)n);
		total += (uint64_t)n;
	}
	unsigned char digest[SHA256_BYTES];
	sha256_end(h, digest);
	sha256_hex(digest, hex);
	if (size != NULL) {
		*size = total;
	}
out:
	if (fd >= 0) {
		close(fd);
	}
	free(piece);
	sha256_destroy(h);
	return code;
}

void sha256_hex(const unsigned char digest[static SHA256_BYTES], char hex[static SHA256_HEX])
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[SHA256_HEX - 1] = '\0';
}

bool sha256_hex_valid(struct str hex)
{
	if (hex.n != SHA256_HEX - 1) {
		return false;
	}
	for (size_t i = 0; i < hex.n; i++) {
		char c = hex.p[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
			return false;
		}
	}
	return true;
}
