/* A recipe file as somebody sent it. */
#include "recipes/recipe_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recipe_file *file = NULL;
	struct err e = {0};
	recipe_file_parse((struct str){(const char *)data, size}, "recipe.yaml", &file, &e);
	recipe_file_free(file);
	return 0;
}
