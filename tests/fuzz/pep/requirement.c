#include "core/pep/requirement.h"
#include "core/pep/target.h"
#include "tests/fuzz/pep/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct requirement r;
	struct err e;
	if (requirement_parse((struct str){.p = copy, .n = size}, &r, &e) == 0) {
		struct pep_target target;
		struct specifier s;
		struct str rest = r.extras, extra;
		bool applies;
		fuzz_require(r.name.n != 0, "a requirement has a name");
		while (requirement_next_extra(&rest, &extra)) {
			fuzz_require(extra.n != 0, "an extra has a name");
		}
		for (rest = r.specifiers.text; specifier_set_next(&rest, &s);) {
			specifier_allows_prereleases(&s);
		}
		pep_target_parse(STR("cp313-win_arm64"), &target, NULL);
		struct marker_environment environment = pep_target_environment(&target);
		requirement_applies(&r, &environment, &applies, &e);
	}
	free(copy);
	return 0;
}
