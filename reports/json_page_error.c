#include "reports/json_page.h"

void json_page_error(int status, const char *sentence, struct json_writer *w)
{
	json_object_begin(w);
	json_kv_int(w, "status", status);
	json_kv_text(w, "error", sentence);
	json_object_end(w);
}
