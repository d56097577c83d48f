/* A log that wants to be expensive: the shipped rules on every line of it. */
#include "coordinator/classify/classify.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reason_rules *rules;
	struct classify_answer answer;
	if (rules == NULL && (rules = reason_rules_load(RECIPES, NULL)) == NULL) {
		abort();
	}
	classify_log(rules, size != 0 ? data[0] % STAGE_COUNT : STAGE_BUILD,
		(struct str){(const char *)data, size}, &answer);
	if (!str_is_utf8(str_from(answer.line))) {
		abort();
	}
	return 0;
}
