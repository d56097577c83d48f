#include "core/inspect/wheel_parts.h"

#include <stdlib.h>
#include <string.h>

static int fold(char c)
{
	int value = (unsigned char)c;
	return value == '/' ? 0 : value >= 'A' && value <= 'Z' ? value - 'A' + 'a' : value;
}

/* Without regard to ASCII case, the slash before all else: what a folder holds follows it at once. */
static int compare_folded(struct str a, struct str b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++) {
		int difference = fold(a.p[i]) - fold(b.p[i]);
		if (difference != 0) {
			return difference;
		}
	}
	return a.n < b.n ? -1 : a.n > b.n;
}

static struct str bare(const struct zip_entry *entry)
{
	return str_slice(entry->path, 0, entry->path.n - entry->is_folder);
}

static int compare_entries(const void *a, const void *b)
{
	const struct zip_entry *const *left = a, *const *right = b;
	int order = compare_folded(bare(*left), bare(*right));
	return order != 0 ? order : str_compare((*left)->path, (*right)->path);
}

/* Two neighbours in that order: is the first one a file where the second needs a folder, or are they
 * one file to Windows? `windows` is how bad that is. */
static void judge_pair(struct wheel_check *c, const struct zip_entry *first,
	const struct zip_entry *second, bool is_for_windows, enum wheel_severity windows)
{
	struct str a = bare(first), b = bare(second);
	bool is_inside = !first->is_folder && b.n > a.n && b.p[a.n] == '/' &&
		compare_folded(a, str_slice(b, 0, a.n)) == 0;
	bool is_exact = is_inside && str_equal(a, str_slice(b, 0, a.n));
	bool is_one = !(first->is_folder && second->is_folder) && compare_folded(a, b) == 0;
	if (is_exact || (is_inside && is_for_windows)) {
		wheel_problem_as(c, WHEEL_PROBLEM_DUPLICATE_ENTRY, is_exact ? WHEEL_ERROR : windows,
			second->path, "%.*s is a file, so this cannot be in a folder of that name", STR_ARG(a));
	} else if (is_one && is_for_windows) {
		wheel_problem_as(c, WHEEL_PROBLEM_DUPLICATE_ENTRY, windows, second->path,
			"to Windows it is the same path as %.*s", STR_ARG(first->path));
	}
}

/* Devices that exist in every folder, whatever follows a dot. */
static bool is_device(struct str part)
{
	static const char *const names[] = {"con", "prn", "aux", "nul", "conin$", "conout$"};
	ptrdiff_t dot = str_find(part, '.');
	struct str stem = str_trim(str_slice(part, 0, dot < 0 ? part.n : (size_t)dot));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_equal_nocase(stem, str_from(names[i]))) {
			return true;
		}
	}
	struct str port = str_slice(stem, 0, 3);
	return stem.n == 4 && stem.p[3] >= '1' && stem.p[3] <= '9' &&
		(str_equal_nocase(port, STR("com")) || str_equal_nocase(port, STR("lpt")));
}

static const char *windows_fault(struct str path)
{
	struct str rest = path, part;
	while (str_split(&rest, '/', &part)) {
		for (size_t i = 0; i < part.n; i++) {
			if (strchr("<>:\"|?*", part.p[i]) != NULL) {
				return "the path has a character that means something else to Windows";
			}
		}
		if (part.n != 0 && (part.p[part.n - 1] == '.' || part.p[part.n - 1] == ' ')) {
			return "a part of the path ends in a dot or space, which Windows drops";
		}
		if (is_device(part)) {
			return "a part of the path is the name of a device on Windows";
		}
	}
	return NULL;
}

void wheel_path_judge(struct wheel_check *c)
{
	size_t n = 0, count = zip_reader_count(c->zip);
	bool is_for_windows = false;
	enum wheel_severity severity = WHEEL_WARNING; /* it may never come to Windows */
	VEC_EACH (const struct wheel_platform, platform, &c->platforms) {
		bool is_windows = platform->is_known && platform->format == WHEEL_PE;
		is_for_windows = is_for_windows || is_windows || platform->is_any;
		severity = is_windows ? WHEEL_ERROR : severity;
	}
	const struct zip_entry **sorted = mem_new(count, sizeof(*sorted));
	for (size_t i = 0; i < count; i++) {
		const struct zip_entry *entry = zip_reader_entry(c->zip, i);
		const char *fault = NULL;
		if (entry->fault == ZIP_FINE) {
			sorted[n++] = entry;
			fault = is_for_windows ? windows_fault(entry->path) : NULL;
		}
		if (fault != NULL) {
			wheel_problem_as(c, WHEEL_PROBLEM_UNSAFE_PATH, severity, entry->path, "%s", fault);
		}
	}
	if (n != 0) {
		qsort(sorted, n, sizeof(*sorted), compare_entries);
	}
	for (size_t i = 1; i < n; i++) {
		judge_pair(c, sorted[i - 1], sorted[i], is_for_windows, severity);
	}
	free(sorted);
}
