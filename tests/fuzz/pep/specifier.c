#include "core/pep/specifier.h"
#include "tests/fuzz/pep/fuzz.h"

/* A version, a newline, a specifier set. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct str rest = {.p = copy, .n = size}, first = {0};
	struct version v;
	struct specifier_set set;
	struct err e;
	str_split(&rest, '\n', &first);
	if (rest.p != NULL && version_parse(first, &v, &e) == 0 &&
		specifier_set_parse(rest, &set, &e) == 0) {
		bool all = true;
		struct specifier s;
		for (struct str members = set.text; specifier_set_next(&members, &s);) {
			all = all && specifier_matches(&s, &v);
			specifier_matches_text(&s, first);
		}
		fuzz_require(specifier_set_contains(&set, &v) == all, "a set is all of its members");
		specifier_set_allows_prereleases(&set);
	}
	free(copy);
	return 0;
}
