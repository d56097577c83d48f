#include "core/pep/target.h"
#include "tests/fuzz/pep/fuzz.h"

/* A target, a newline, a tag. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct str rest = {.p = copy, .n = size}, name = {0}, python = {0}, abi = {0};
	struct pep_target target;
	str_split(&rest, '\n', &name);
	if (rest.p != NULL && pep_target_parse(name, &target, NULL) == 0 &&
		str_split(&rest, '-', &python) && str_split(&rest, '-', &abi)) {
		struct tag_target tags = pep_target_tags(&target);
		int rank = tag_rank(&tags, python, abi, rest), count = tag_count(&tags);
		fuzz_require(rank < count, "ranks are below the count");
		if (rank >= 0) {
			struct buf text = {0};
			fuzz_require(tag_at(&tags, rank, &text), "a rank has a tag");
			struct str whole = {.p = python.p, .n = (size_t)(rest.p + rest.n - python.p)};
			fuzz_require(str_equal_nocase(buf_view(&text), whole), "the tag of a rank is the tag");
			buf_finish(&text);
		}
		struct tag_interpreter interpreter = tag_interpreter_parse(python, abi);
		struct tag_system system = tag_system_parse(rest);
		bool parts = system.kind == TAG_SYSTEM_ANY
			? tag_interpreter_any(&tags, &interpreter) >= 0
			: tag_interpreter_group(&tags, &interpreter) >= 0 &&
				tag_system_rank(&tags, &system) >= 0;
		fuzz_require(parts == (rank >= 0), "a tag fits where its parts do");
	}
	free(copy);
	return 0;
}
