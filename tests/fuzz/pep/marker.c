#include "core/pep/target.h"
#include "tests/fuzz/pep/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct str text = {.p = copy, .n = size};
	struct pep_target target;
	struct err e;
	bool result;
	pep_target_parse(STR("cp313t-manylinux_2_28_aarch64"), &target, NULL);
	struct marker_environment environment = pep_target_environment(&target);
	int code = marker_evaluate(text, &environment, &result, &e);
	fuzz_require(code == 0 || code == ERR_INVALID, "no other error");
	fuzz_require(code != 0 || marker_check(text, &e) == 0, "what has a value is a marker");
	pep_target_parse(text, &target, &e);
	free(copy);
	return 0;
}
