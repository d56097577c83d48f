/* A list of texts that is always NULL-ended, as argv and environments are. The texts live in an
 * arena; the list itself is the arena's too. A zeroed struct is an empty list, whose v is NULL. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"

struct text_list {
	const char **v;
	size_t n;
	size_t capacity;
};

/* The text is copied into the arena. */
void text_list_add(struct text_list *l, struct arena *a, const char *text);
void text_list_addf(struct text_list *l, struct arena *a, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void text_list_add_all(struct text_list *l, struct arena *a, const char *const *texts, size_t n);
