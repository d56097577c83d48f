#include "coordinator/scan/page_store.h"

#include "tests/fuzz/pep/fuzz.h"

/* A whole page on the way that a worker takes it: read, judged for every target, packed. The first
 * byte's lowest bit: JSON or HTML; the rest of it: how long the pieces are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct target_set targets;
	static struct scope scope;
	if (targets.n == 0 &&
		(target_set_load(RECIPES, &targets, NULL) != 0 || scope_load(RECIPES, &scope, NULL) != 0)) {
		abort();
	}
	if (size == 0) {
		return 0;
	}
	char *copy = fuzz_copy(data + 1, size - 1);
	struct project_page p;
	project_page_init(&p, "demo");
	p.base = STR("https://index.example.invalid/simple/demo/");
	p.format = (data[0] & 1) != 0 ? PAGE_HTML : PAGE_JSON;
	int code = 0;
	for (struct str left = {copy, size - 1}; left.n != 0 && code == 0;) {
		struct str part = str_slice(left, 0, (size_t)(data[0] >> 1) + 1);
		left = str_slice(left, part.n, left.n);
		code = project_page_feed(&p, part);
	}
	if (project_page_end(&p) == 0) {
		fuzz_require(code == 0, "an error sticks");
		project_page_judge(&p, &targets, &scope);
		struct page_facts *facts = page_facts_create(&p, targets.n, "validator");
		project_page_finish(&p);
		page_facts_destroy(facts);
	} else {
		fuzz_require(p.err.text[0] != '\0', "an error has a sentence");
		project_page_finish(&p);
	}
	free(copy);
	return 0;
}
