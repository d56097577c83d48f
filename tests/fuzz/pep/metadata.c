#include "core/pep/metadata.h"
#include "tests/fuzz/pep/fuzz.h"

static int on_field(
	void *user, enum metadata_field field, struct str name, struct str value, struct err *e)
{
	size_t *sum = user;
	fuzz_require(name.n != 0, "a header has a name");
	for (size_t i = 0; i < value.n; i++) {
		fuzz_require(value.p[i] != '\n', "folded lines are joined");
		*sum += (size_t)value.p[i];
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct metadata_handler handler = {on_field};
	char *copy = fuzz_copy(data, size);
	size_t sum = 0;
	struct err e;
	int code = metadata_read((struct str){.p = copy, .n = size}, &handler, &sum, &e);
	int is_static = metadata_check_static((struct str){.p = copy, .n = size}, &e);
	fuzz_require(code == 0 ? is_static == 0 || is_static == ERR_UNSUPPORTED : is_static == code,
		"what is none is not static either");
	free(copy);
	return 0;
}
