#include "core/base/mem.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mem_bug(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("wheelfarm: bug: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	abort();
}

void *mem_new(size_t count, size_t size)
{
	void *p = calloc(count != 0 ? count : 1, size != 0 ? size : 1);
	if (p == NULL) {
		mem_bug("no memory for %zu objects of %zu bytes", count, size);
	}
	return p;
}

void *mem_resize(void *old, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size) {
		mem_bug("%zu objects of %zu bytes overflow", count, size);
	}
	size_t bytes = count * size;
	void *p = realloc(old, bytes != 0 ? bytes : 1);
	if (p == NULL) {
		mem_bug("no memory for %zu bytes", bytes);
	}
	return p;
}

char *mem_copy(const void *bytes, size_t length)
{
	char *p = mem_resize(NULL, length + 1, 1);
	if (length != 0) {
		memcpy(p, bytes, length);
	}
	p[length] = '\0';
	return p;
}

/* Each block is twice the one before. */
enum { BLOCK = 8 << 10, BLOCK_LARGEST = 64 << 10 };

/* First and second blocks are kept for the next arena, so many of each: they are too large for malloc's
 * short cuts, and a request takes several. */
#if defined(WHEELFARM_SANITIZE)
enum { SPARE = 0 }; /* it shall see who uses a block that is over */
#else
enum { SPARE = 64 };
#endif

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) unsigned char bytes[];
};

static struct spare {
	pthread_mutex_t lock;
	struct arena_block *blocks;
	size_t n;
} spares[] = {{.lock = PTHREAD_MUTEX_INITIALIZER}, {.lock = PTHREAD_MUTEX_INITIALIZER}};

static struct spare *spare_of(size_t size)
{
	return size == BLOCK ? &spares[0] : size == 2 * BLOCK ? &spares[1] : NULL;
}

static struct arena_block *block_new(size_t size)
{
	struct spare *spare = spare_of(size);
	struct arena_block *b = NULL;
	if (spare != NULL) {
		pthread_mutex_lock(&spare->lock);
		b = spare->blocks;
		if (b != NULL) {
			spare->blocks = b->next;
			spare->n--;
		}
		pthread_mutex_unlock(&spare->lock);
	}
	if (b == NULL) {
		b = mem_resize(NULL, sizeof(*b) + size, 1);
		b->size = size;
	}
	return b;
}

static void block_free(struct arena_block *b)
{
	struct spare *spare = spare_of(b->size);
	bool kept = false;
	if (spare != NULL) {
		pthread_mutex_lock(&spare->lock);
		kept = spare->n != SPARE;
		if (kept) {
			b->next = spare->blocks;
			spare->blocks = b;
			spare->n++;
		}
		pthread_mutex_unlock(&spare->lock);
	}
	if (!kept) {
		free(b);
	}
}

char *arena_room(struct arena *a, size_t size)
{
	size_t need = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	struct arena_block *b = a->blocks;
	if (b == NULL || b->size - b->used < need) {
		size_t usual = b == NULL          ? BLOCK
			: b->size < BLOCK_LARGEST / 2 ? 2 * b->size
										  : BLOCK_LARGEST;
		size_t room = need > usual ? need : usual;
		b = block_new(room);
		b->used = 0;
		b->next = a->blocks;
		a->blocks = b;
	}
	char *p = (char *)b->bytes + b->used;
	b->used += need;
	return p;
}

void *arena_new(struct arena *a, size_t size)
{
	return memset(arena_room(a, size), 0, size);
}

char *arena_copy(struct arena *a, const void *bytes, size_t length)
{
	char *p = arena_room(a, length + 1);
	if (length != 0) {
		memcpy(p, bytes, length);
	}
	p[length] = '\0';
	return p;
}

void arena_finish(struct arena *a)
{
	for (struct arena_block *b = a->blocks; b != NULL;) {
		struct arena_block *next = b->next;
		block_free(b);
		b = next;
	}
	a->blocks = NULL;
}
