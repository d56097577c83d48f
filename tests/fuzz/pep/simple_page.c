/* Each byte is one event of a JSON reader; what would not nest is left out, as a reader never sends
 * it. Seeds: 'a' + n is the n-th key, see `keys`. */
#include "core/pep/simple_page.h"
#include "tests/fuzz/pep/fuzz.h"

static const char *const keys[] = {"name", "meta", "files", "project-status", "api-version",
	"_last-serial", "status", "reason", "filename", "url", "hashes", "sha256", "requires-python",
	"size", "yanked", "upload-time", "core-metadata", "dist-info-metadata", "provenance", "else"};

static int on_file(void *user, const struct simple_file *file, struct err *e)
{
	fuzz_require(file->filename.n != 0 && file->url.n != 0, "a file has a name and a URL");
	return 0;
}

static const struct simple_page_handler handler = {on_file, NULL};

enum { DEPTH = 64 };

struct events {
	const struct json_sink *sink;
	struct simple_page *page;
	char nesting[DEPTH]; /* '{' or '[' */
	size_t depth;
	bool after_key;
	struct err e;
};

static bool may_begin(const struct events *s)
{
	return s->depth < DEPTH && (s->depth == 0 || s->nesting[s->depth - 1] == '[' || s->after_key);
}

static int send_begin(struct events *s, char c)
{
	s->nesting[s->depth++] = c;
	s->after_key = false;
	return c == '{' ? s->sink->object_begin(s->page, &s->e) : s->sink->array_begin(s->page, &s->e);
}

static int send_end(struct events *s)
{
	char c = s->nesting[--s->depth];
	return c == '{' ? s->sink->object_end(s->page, &s->e) : s->sink->array_end(s->page, &s->e);
}

static int send_value(struct events *s, char c)
{
	s->after_key = false;
	switch (c) {
	case '0':
		return s->sink->null(s->page, &s->e);
	case '1':
	case '2':
		return s->sink->boolean(s->page, c == '1', &s->e);
	case '3':
		return s->sink->number(s->page, STR("7"), &s->e);
	case '4':
		return s->sink->number(s->page, STR("-7.5e3"), &s->e);
	case '5':
		return s->sink->string(s->page, STR(""), &s->e);
	default:
		return s->sink->string(s->page, STR("1.0"), &s->e);
	}
}

static int send(struct events *s, char c)
{
	bool in_object = s->depth != 0 && s->nesting[s->depth - 1] == '{';
	if (c == '{' || c == '[') {
		return may_begin(s) ? send_begin(s, c) : 0;
	}
	if (c == '}') {
		return s->depth != 0 && !s->after_key ? send_end(s) : 0;
	}
	if (c >= 'a' && c <= 't') {
		if (!in_object || s->after_key) {
			return 0;
		}
		s->after_key = true;
		return s->sink->object_key(s->page, str_from(keys[c - 'a']), &s->e);
	}
	return c >= '0' && c <= '6' && may_begin(s) ? send_value(s, c) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct events s = {
		.sink = simple_page_sink(),
		.page = simple_page_create(&handler, NULL),
	};
	int code = 0;
	for (size_t i = 0; i < size && code == 0 && (i == 0 || s.depth != 0); i++) {
		code = send(&s, (char)data[i]);
	}
	simple_page_finish(s.page, &s.e);
	simple_page_destroy(s.page);
	return 0;
}
