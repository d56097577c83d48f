#include "coordinator/store/view_target.h"

#include <stdlib.h>
#include <string.h>

static int family_place(const char *family)
{
	static const char *const order[] = {"glibc", "musl", "windows"};
	int i = 0;
	while (i < 3 && strcmp(order[i], family) != 0) {
		i++;
	}
	return i;
}

/* "3.13" → 313: enough to sort by, and for the text of a tag. */
static int python_number(const char *python)
{
	struct str rest = str_from(python);
	struct str part;
	uint64_t numbers[2] = {0};
	for (int i = 0; i < 2 && str_split(&rest, '.', &part); i++) {
		(void)str_to_u64(part, &numbers[i]);
	}
	return (int)(numbers[0] % 100 * 1000 + numbers[1] % 1000);
}

static int compare(const void *left, const void *right)
{
	const struct store_target *a = left;
	const struct store_target *b = right;
	int difference = family_place(a->family) - family_place(b->family);
	if (difference == 0) {
		difference = strcmp(a->platform, b->platform);
	}
	if (difference == 0) {
		difference = python_number(a->python) - python_number(b->python);
	}
	if (difference == 0) {
		difference = a->free_threaded - b->free_threaded;
	}
	return difference != 0 ? difference : strcmp(a->name, b->name);
}

int view_targets_ordered(
	struct store *s, struct arena *arena, struct store_target **out, size_t *count, struct err *e)
{
	int code = store_target_list(s, arena, out, count, e);
	if (code == 0 && *count > 1) {
		qsort(*out, *count, sizeof(**out), compare);
	}
	return code;
}

bool view_target_is_default(const struct store *s, const struct store_target *t,
	const struct store_target *all, size_t count)
{
	const char *python = store_default_python(s);
	if (python != NULL) {
		size_t n = strlen(python);
		return strncmp(t->name, python, n) == 0 && t->name[n] == '-';
	}
	for (size_t i = 0; i < count; i++) {
		if (!all[i].free_threaded && python_number(all[i].python) > python_number(t->python)) {
			return false;
		}
	}
	return !t->free_threaded;
}
