#include "reports/json_wheel.h"

#include "reports/json_build.h"
#include "reports/wheel_words.h"

void json_wheel(struct json_writer *w, const struct wheel_view *wheel_or_null)
{
	const struct wheel_view *v = wheel_or_null;
	if (v == NULL) {
		json_null(w);
		return;
	}
	json_object_begin(w);
	json_kv_text(w, "file", v->file);
	json_kv_text(w, "sha256", v->sha256);
	json_kv_int(w, "size", v->size);
	json_kv_text(w, "depth", v->depth);
	json_kv_time(w, "date", v->inspected);
	json_kv_text(w, "machine", v->machine);
	json_kv_text(w, "glibc", v->glibc);
	json_kv_known(w, "page_size", v->page_size, 0);
	json_key(w, "bundled");
	json_array_begin(w);
	for (size_t i = 0; i < v->bundled_count; i++) {
		json_text(w, v->bundled[i]);
	}
	json_array_end(w);
	json_kv_int(w, "errors", v->errors);
	json_kv_int(w, "warnings", v->warnings);
	json_kv_text(w, "broken", v->broken);
	json_key(w, "problems");
	json_array_begin(w);
	for (size_t i = 0; i < v->problem_count; i++) {
		const struct wheel_problem_view *p = &v->problems[i];
		json_object_begin(w);
		json_kv_text(w, "code", p->code);
		json_kv_text(w, "severity", p->severity);
		json_kv_text(w, "path", p->path[0] != '\0' ? p->path : NULL);
		json_kv_text(w, "detail", p->detail);
		json_kv_text(w, "advice", wheel_words_advice(p->code));
		json_object_end(w);
	}
	json_array_end(w);
	json_object_end(w);
}
