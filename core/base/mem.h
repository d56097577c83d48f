/* Memory that is there or the program ends: code never has a branch for "no memory". */
#pragma once

#include <stddef.h>

/* As calloc and realloc, for `count` objects of `size` bytes; overflow and exhaustion abort with a
 * message. New bytes of mem_new are zero. The caller frees with free(). */
void *mem_new(size_t count, size_t size);
void *mem_resize(void *old, size_t count, size_t size);
char *mem_copy(const void *bytes, size_t length); /* one zero byte is appended */

/* A bug of ours: prints "wheelfarm: bug: …" and aborts. */
void mem_bug(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#define MEM_NEW(type) ((type *)mem_new(1, sizeof(type)))

/* The struct that holds `member`, from a pointer to it. */
#define mem_container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

/* An arena: many small things with one life. Pointers stay valid until arena_finish. A zeroed
 * struct is an empty arena. */
struct arena_block;
struct arena {
	struct arena_block *blocks;
};
void *arena_new(struct arena *a, size_t size); /* zeroed, aligned for any type */
char *arena_room(struct arena *a, size_t size); /* the same, not zeroed */
char *arena_copy(struct arena *a, const void *bytes, size_t length); /* zero-terminated */
void arena_finish(struct arena *a);
