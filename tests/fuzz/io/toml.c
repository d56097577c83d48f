#include "core/io/toml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t weigh(const struct toml_node *node)
{
	size_t sum = node->line + node->key.n + node->text.n;
	TOML_EACH(child, node)
	{
		sum += weigh(child);
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct toml_node *root;
	struct err e = {0};
	struct str text = {.p = (const char *)data, .n = size};
	int code = toml_parse(text, "fuzz", &arena, &root, &e);
	if ((code == 0) != (root != NULL) || (code != 0 && strncmp(e.text, "fuzz:", 5) != 0)) {
		abort();
	}
	if (root != NULL) {
		weigh(root);
	}
	arena_finish(&arena);
	return 0;
}
