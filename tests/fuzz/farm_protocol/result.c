/* A result from an agent that cannot be trusted. */
#include "core/farm_protocol/result.h"
#include "core/io/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct result result, again;
	struct err e = {0};
	if (result_read((struct str){(const char *)data, size}, &arena, &result, &e) == 0) {
		struct buf out = {0};
		struct json_writer w;
		json_writer_init(&w, &out, false);
		result_write(&w, &result);
		json_writer_finish(&w);
		if (result_read(buf_view(&out), &arena, &again, &e) != 0) {
			abort();
		}
		buf_finish(&out);
	}
	arena_finish(&arena);
	return 0;
}
