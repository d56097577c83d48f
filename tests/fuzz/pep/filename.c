#include "core/pep/filename.h"
#include "core/pep/name.h"
#include "core/pep/target.h"
#include "tests/fuzz/pep/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct filename file;
	struct err e;
	if (filename_parse((struct str){.p = copy, .n = size}, &file, &e) == 0 &&
		file.kind != FILENAME_OTHER) {
		struct pep_target target;
		struct tag best, tag;
		pep_target_parse(STR("cp313-manylinux_2_28_aarch64"), &target, NULL);
		struct tag_target tags = pep_target_tags(&target);
		int rank = filename_rank(&file, &tags, &best), lowest = -1;
		struct filename_tags walk = filename_tags(&file);
		while (filename_tags_next(&walk, &tag)) {
			fuzz_require(tag.python.n != 0 && tag.abi.n != 0 && tag.platform.n != 0, "whole tags");
			int one = tag_rank(&tags, tag.python, tag.abi, tag.platform);
			lowest = one >= 0 && (lowest < 0 || one < lowest) ? one : lowest;
		}
		fuzz_require(rank == lowest, "the rank of a file is that of its best tag");
		struct buf name = {0};
		name_normalise(file.name, &name);
		fuzz_require(name_equal(file.name, buf_view(&name)), "a name equals its normal form");
		buf_finish(&name);
	}
	free(copy);
	return 0;
}
