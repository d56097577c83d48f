/* A job from a coordinator that cannot be trusted: read, and what was read is written and read again. */
#include "core/farm_protocol/job.h"
#include "core/io/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct job job, again;
	struct err e = {0};
	if (job_read((struct str){(const char *)data, size}, &arena, &job, &e) == 0) {
		struct buf out = {0};
		struct json_writer w;
		json_writer_init(&w, &out, false);
		job_write(&w, &job);
		json_writer_finish(&w);
		if (job_read(buf_view(&out), &arena, &again, &e) != 0) {
			abort();
		}
		buf_finish(&out);
	}
	arena_finish(&arena);
	return 0;
}
