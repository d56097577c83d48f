#include "coordinator/check/project_file.h"
#include "core/pep/requirement.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What becomes a line is a requirement, whatever the file says, and has nothing that a terminal minds. */
static void look_at(const struct check_line *line, const struct check_list *list)
{
	struct requirement r;
	if (requirement_parse(line->requirement, &r, NULL) != 0) {
		abort();
	}
	for (size_t i = 0; i < line->requirement.n; i++) {
		if ((unsigned char)line->requirement.p[i] < ' ') {
			abort();
		}
	}
	if (line->locked != NULL && (line->locked->applies & ~check_list_all(list)) != 0) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pep_target windows, linux;
	static const struct pep_target *const targets[] = {&windows, &linux};
	struct check_list list = {.targets = targets, .target_count = 2};
	struct err e = {0};
	pep_target_parse(STR("cp313-win_arm64"), &windows, NULL);
	pep_target_parse(STR("cp311-manylinux_2_28_aarch64"), &linux, NULL);
	int code = project_text_read((struct str){(const char *)data, size}, "fuzz", &list, &e);
	if (code != 0 && strncmp(e.text, "fuzz:", 5) != 0) {
		abort();
	}
	VEC_EACH (struct check_line, line, &list.lines) {
		look_at(line, &list);
	}
	check_list_finish(&list);
	return 0;
}
