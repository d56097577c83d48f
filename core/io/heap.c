#include "core/io/heap.h"

#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	PIECE = 256 << 10, /* more than is left of what the heap begins with */
	MMAP_MOST = 32 << 20, /* the largest threshold that malloc takes */
};

void heap_expect(size_t bytes)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_MMAP_THRESHOLD, MMAP_MOST);
	mallopt(M_TOP_PAD, (int)bytes);
	uintptr_t before = ((uintptr_t)sbrk(0) + page - 1) & ~(page - 1);
	void *volatile piece = malloc(PIECE); /* the heap grows by that and by all it is to have */
	free(piece);
	uintptr_t after = (uintptr_t)sbrk(0) & ~(page - 1);
	if (after > before) {
		madvise((void *)before, after - before, MADV_HUGEPAGE);
	}
}
