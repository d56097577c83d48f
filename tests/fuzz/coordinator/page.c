#include "coordinator/scan/page_store.h"

#include "tests/fuzz/pep/fuzz.h"

/* A whole page on the way that a worker takes it: read, judged for every target, packed. The first
 * byte's lowest bit: JSON or HTML. */
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
	struct project_page p;
	project_page_init(&p, "demo");
	p.base = STR("https://index.example.invalid/simple/demo/");
	p.format = (data[0] & 1) != 0 ? PAGE_HTML : PAGE_JSON;
	buf_add(&p.text, data + 1, size - 1);
	if (project_page_end(&p) == 0) {
		project_page_judge(&p, &targets, &scope);
		struct page_facts *facts = page_facts_create(&p, targets.n, "validator");
		project_page_finish(&p);
		page_facts_destroy(facts);
	} else {
		fuzz_require(p.err.text[0] != '\0', "an error has a sentence");
		project_page_finish(&p);
	}
	return 0;
}
