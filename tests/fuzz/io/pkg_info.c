#include "core/base/mem.h"
#include "core/io/pkg_info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
	struct str rest;
	size_t piece;
};

static int next(void *user, struct str *piece, struct err *e)
{
	struct source *s = user;
	*piece = str_slice(s->rest, 0, s->piece);
	s->rest = str_slice(s->rest, piece->n, s->rest.n);
	return 0;
}

/* In small pieces and in one the same comes of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool is_zip = size > 1 && data[0] == 'P';
	struct str name = is_zip ? STR("x-1.zip") : STR("x-1.tar.gz");
	struct buf out[2] = {0};
	int code[2];
	for (int i = 0; i < 2; i++) {
		struct err e = {0};
		struct source s = {{(const char *)data, size}, i == 0 ? 37 : SIZE_MAX};
		const struct pkg_info_source source = {.next = next, .user = &s};
		code[i] = pkg_info_read(name, &source, &out[i], &e);
		if (out[i].n > PKG_INFO_MOST || (code[i] != 0 && (out[i].n != 0 || e.code != code[i]))) {
			mem_bug("more than there may be, or something after an error");
		}
	}
	if ((code[0] == 0) != (code[1] == 0) || !str_equal(buf_view(&out[0]), buf_view(&out[1]))) {
		mem_bug("the size of pieces matters");
	}
	buf_finish(&out[0]);
	buf_finish(&out[1]);
	return 0;
}
