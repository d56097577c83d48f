#include "agent/text_list.h"

#include <string.h>

static void append(struct text_list *l, struct arena *a, const char *owned)
{
	if (l->n + 2 > l->capacity) {
		size_t capacity = l->capacity == 0 ? 16 : l->capacity * 2;
		const char **v = arena_new(a, capacity * sizeof(*v));
		if (l->n != 0) {
			memcpy(v, l->v, l->n * sizeof(*v));
		}
		l->v = v;
		l->capacity = capacity;
	}
	l->v[l->n++] = owned;
	l->v[l->n] = NULL;
}

void text_list_add(struct text_list *l, struct arena *a, const char *text)
{
	append(l, a, arena_copy(a, text, strlen(text)));
}

void text_list_addf(struct text_list *l, struct arena *a, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	append(l, a, arena_vprintf(a, format, arguments));
	va_end(arguments);
}

void text_list_add_all(struct text_list *l, struct arena *a, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		text_list_add(l, a, texts[i]);
	}
}
