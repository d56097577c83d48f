#include "core/inspect/exports.h"

#include <stdlib.h>

/* How `text` stands to the row, as in a comparison. */
static int order_of(struct str text, const char *row)
{
	return str_compare(text, str_from(row));
}

const struct exports *exports_find(struct str dll)
{
	char *copy = str_dup(dll);
	for (char *c = copy; *c != '\0'; c++) {
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	}
	struct str lower = str_from(copy);
	if (str_starts(lower, "api-ms-win-crt-")) {
		lower = STR("ucrtbase.dll");
	}
	const struct exports *found = NULL;
	for (size_t i = 0; i < exports_count && found == NULL; i++) {
		found = order_of(lower, exports_table[i].dll) == 0 ? &exports_table[i] : NULL;
	}
	free(copy);
	return found;
}

bool exports_has(const struct exports *x, struct str symbol)
{
	size_t from = 0, to = x->count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = order_of(symbol, x->names[middle]);
		if (order == 0) {
			return true;
		}
		if (order < 0) {
			to = middle;
		} else {
			from = middle + 1;
		}
	}
	return false;
}
