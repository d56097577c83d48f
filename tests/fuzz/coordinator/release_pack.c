/* A pack of releases as a damaged database may hold it; what can be read must survive another round. */
#include "coordinator/solve/release_pack.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any set of targets is one of theirs. */
static void begin(struct universe *u, const struct pep_target *target)
{
	const struct pep_target *targets[UNIVERSE_TARGETS];
	for (size_t i = 0; i < UNIVERSE_TARGETS; i++) {
		targets[i] = target;
	}
	universe_init(u, targets, UNIVERSE_TARGETS, UNIVERSE_PIP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct universe u, again;
	struct pep_target target;
	struct err e = {0};
	if (pep_target_parse(STR("cp313-win_arm64"), &target, &e) != 0) {
		abort();
	}
	begin(&u, &target);
	begin(&again, &target);
	uint32_t package = universe_package(&u, STR("a"));
	uint32_t other = universe_package(&again, STR("a"));
	if (release_pack_read(&u, package, (struct str){(const char *)data, size}, &e) == 0) {
		struct buf pack = {0}, second = {0};
		release_pack_write(&u.packages.v[package], &pack);
		if (release_pack_read(&again, other, buf_view(&pack), &e) != 0) {
			abort();
		}
		release_pack_write(&again.packages.v[other], &second);
		if (!str_equal(buf_view(&pack), buf_view(&second))) {
			abort();
		}
		buf_finish(&pack);
		buf_finish(&second);
	}
	universe_finish(&again);
	universe_finish(&u);
	return 0;
}
