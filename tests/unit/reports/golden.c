#include "golden.h"

#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

void golden_check(const char *name, struct str text)
{
	struct buf wanted = {0};
	struct err e = {0};
	char *path = file_join(TEST_DATA, name);
	int code = file_read(path, 1 << 20, &wanted, &e);
	free(path);
	if (code == 0 && str_equal(buf_view(&wanted), text)) {
		buf_finish(&wanted);
		return;
	}
	size_t same = 0;
	while (same < wanted.n && same < text.n && wanted.p[same] == text.p[same]) {
		same++;
	}
	path = str_format("/tmp/%s.actual", name);
	file_write_atomic(path, text, &e);
	free(path);
	buf_finish(&wanted);
	fail_msg("%s: differs from byte %zu on (%.60s); the whole is in /tmp/%s.actual", name, same,
		same < text.n ? text.p + same : "end of text", name);
}
