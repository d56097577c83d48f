#include "core/pep/simple_html.h"
#include "tests/fuzz/pep/fuzz.h"

static int on_file(void *user, const struct simple_file *file, struct err *e)
{
	size_t *files = user;
	fuzz_require(file->filename.n != 0 && file->url.n != 0, "a file has a name and a URL");
	(*files)++;
	return 0;
}

static int on_project(void *user, const struct simple_project *project, struct err *e)
{
	const size_t *files = user;
	fuzz_require(project->files == *files, "files are counted");
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct simple_page_handler handler = {on_file, on_project};
	char *copy = fuzz_copy(data, size);
	size_t files = 0;
	struct err e;
	simple_html_read((struct str){.p = copy, .n = size}, STR("x"), &handler, &files, &e);
	free(copy);
	return 0;
}
